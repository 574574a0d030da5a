/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_OBJECTS_H
#define CLI_OBJECTS_H

#include <nettle/sha2.h>

#include <weft/content.h>

#include "disposition.h"
#include "object_name.h"
#include "output.h"
#include "spool.h"

/*
 * What `weft objects` does with a body:
 *
 *     on_head      wanted? then there is an object
 *     on_body      bytes go to a hidden file, as they were sent (spool.h)
 *     on_exchange  all is known: the file is decoded if need be, gets its name,
 *                  and a line in the manifest (object_file.c, object_record.c)
 *
 * Of an object in the making only this struct is in memory.
 */
struct object {
  struct object *next, **link; /* among all there are */
  uint64_t id;                 /* of its file in the spool */
  uint64_t bytes;              /* put into it */
  uint64_t missing;            /* so far */
  uint64_t (*gaps)[2];         /* offset, length; room for a power of two */
  size_t ngaps;
  int too_large;
  struct sha256_ctx digest; /* of the bytes as they were sent */
};

enum skipped { SKIPPED_NOT, SKIPPED_INCOMPLETE, SKIPPED_SIZE };

/* What became of one. */
struct object_result {
  const struct weft_http_exchange *exchange;
  const struct weft_http_message *message;
  struct weft_text *codings; /* Content-Encoding, then transfer codings but for chunked */
  size_t ncodings;
  char type[MEDIA_TYPE_MAX];
  char given[DISPOSITION_MAX]; /* file name in its Content-Disposition: any bytes */
  size_t ngiven;
  char name[OBJECT_NAME_MAX]; /* empty: no file */
  int complete;
  enum skipped skipped;
  int coded;     /* by codings that say more than identity */
  uint32_t end;  /* enum weft_content_end, where coded and tried */
  int as_sent;   /* coded, and so is the file */
  uint64_t size; /* of the file */
  uint8_t sha256[SHA256_DIGEST_SIZE];
};

struct objects {
  const struct args *args;
  struct weft_http *http;
  int folder, manifest_fd; /* descriptors, -1 where not open */
  struct spool *spool;
  struct object *all;
  uint64_t ids;
  struct output output;   /* the list, on standard output */
  struct output manifest; /* of records always */
  uint64_t written, incomplete, too_large, as_sent;
  uint64_t other_types; /* messages that --type left out */
  int failed;           /* said why already */
};

/* Opens the folder, made if need be, and the manifest in it.  EXIT_OK, or
   EXIT_OUTPUT after saying why. */
int objects_open(struct objects *);
/* The final word on the manifest: EXIT_OUTPUT, or `so_far`. */
int objects_close(struct objects *, int so_far);

/* Says once that a file could not be written, and why (errno); returns STOP_OUTPUT. */
int objects_failed(struct objects *, const char *name);

/* The object's file, whole in the spool, under its name, or taken away where it
   is not wanted.  0 or STOP_OUTPUT. */
int object_store(struct objects *, struct object *, struct object_result *);

/* The header of the list, where its format has one. */
void objects_begin(struct objects *);
/* A line in the manifest, and for one with a file in the list. */
void object_write(struct objects *, const struct object *, const struct object_result *);

#endif
