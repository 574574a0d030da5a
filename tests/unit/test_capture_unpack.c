/* SPDX-License-Identifier: BSD-2-Clause */
/* Compressed captures, each kind this build reads, in memory, from a file and
   so in a thread, and through a pipe. */
#include <pthread.h>
#include <signal.h>
#ifdef WEFT_HAVE_ZLIB
#  include <zlib.h>
#endif
#ifdef WEFT_HAVE_ZSTD
#  include <zstd.h>
#endif
#ifdef WEFT_HAVE_LZ4
#  include <lz4frame.h>
#endif
#ifdef WEFT_HAVE_LZMA
#  include <lzma.h>
#endif
#ifdef WEFT_HAVE_BZIP2
#  include <bzlib.h>
#endif

#include "capture_warned.h"

/* Compresses into `ret`, which has room for `room` bytes: how many came out. */
typedef size_t pack_fn(const uint8_t *bytes, size_t size, uint8_t *ret, size_t room);

#ifdef WEFT_HAVE_ZLIB
static size_t pack_gzip(const uint8_t *bytes, size_t size, uint8_t *ret, size_t room) {
  z_stream stream = {0};
  assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = (Bytef *)bytes;
  stream.avail_in = (uInt)size;
  stream.next_out = ret;
  stream.avail_out = (uInt)room;
  assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
  deflateEnd(&stream);
  return stream.total_out;
}
#endif

#ifdef WEFT_HAVE_ZSTD
static size_t pack_zstd(const uint8_t *bytes, size_t size, uint8_t *ret, size_t room) {
  ZSTD_CCtx *context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  size_t made = ZSTD_compress2(context, ret, room, bytes, size);
  ZSTD_freeCCtx(context);
  assert_false(ZSTD_isError(made));
  return made;
}
#endif

#ifdef WEFT_HAVE_LZ4
static size_t pack_lz4(const uint8_t *bytes, size_t size, uint8_t *ret, size_t room) {
  LZ4F_preferences_t wanted = {.frameInfo = {.contentChecksumFlag = LZ4F_contentChecksumEnabled}};
  size_t made = LZ4F_compressFrame(ret, room, bytes, size, &wanted);
  assert_false(LZ4F_isError(made));
  return made;
}
#endif

#ifdef WEFT_HAVE_LZMA
static size_t pack_xz(const uint8_t *bytes, size_t size, uint8_t *ret, size_t room) {
  size_t made = 0;
  assert_int_equal(
      lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, bytes, size, ret, &made, room), LZMA_OK);
  return made;
}
#endif

#ifdef WEFT_HAVE_BZIP2
static size_t pack_bzip2(const uint8_t *bytes, size_t size, uint8_t *ret, size_t room) {
  unsigned made = (unsigned)room;
  assert_int_equal(
      BZ2_bzBuffToBuffCompress((char *)ret, &made, (char *)bytes, (unsigned)size, 1, 0, 0), BZ_OK);
  return made;
}
#endif

static const struct kind {
  const char *name;
  pack_fn *pack;
  size_t head;         /* bytes of a frame before what it holds */
  const char *padding; /* what may stand between frames, or after them, and holds nothing */
  size_t npadding;
} kinds[] = {
#ifdef WEFT_HAVE_ZLIB
    {"gzip", pack_gzip, 10, "", 0},
#endif
#ifdef WEFT_HAVE_ZSTD
    {"zstd", pack_zstd, 6, "\x5f\x2a\x4d\x18\3\0\0\0abc", 11},
#endif
#ifdef WEFT_HAVE_LZ4
    {"lz4", pack_lz4, 7, "\x50\x2a\x4d\x18\3\0\0\0abc", 11},
#endif
#ifdef WEFT_HAVE_LZMA
    {"xz", pack_xz, 24, "\0\0\0\0", 4},
#endif
#ifdef WEFT_HAVE_BZIP2
    {"bzip2", pack_bzip2, 10, "", 0},
#endif
    {0}};

static void put_packed(struct bytes *file, const struct kind *kind, const uint8_t *bytes,
                       size_t size) {
  file->size += kind->pack(bytes, size, file->at + file->size, sizeof(file->at) - file->size);
}

static void put_two_frames(struct bytes *file) {
  put_pcap_header(file, 0xa1b2c3d4, 1);
  put_pcap_frame(file, 1, 0, "one");
  put_pcap_frame(file, 2, 0, "two");
}

static void expect_two_frames(struct weft_capture *capture) {
  assert_int_equal(expect_frame(capture, WEFT_SECOND, "one").flags, 0);
  expect_frame(capture, 2 * WEFT_SECOND, "two");
}

static struct weft_capture *capture_at(const char *path) {
  struct weft_capture *capture = NULL;
  struct weft_error error;
  if (weft_capture_open(path, &capture, &error) < 0) fail_msg("%s", error.text);
  return capture;
}

/* Frames may end anywhere; what holds nothing stands between them and at the end. */
static void compression_is_told_by_content(void **state) {
  (void)state;
  for (const struct kind *kind = kinds; kind->name; kind++) {
    struct bytes plain = {0}, file = {0};
    char path[32];
    put_two_frames(&plain);
    put_packed(&file, kind, plain.at, 30);
    memcpy(file.at + file.size, kind->padding, kind->npadding);
    file.size += kind->npadding;
    put_packed(&file, kind, plain.at + 30, plain.size - 30);
    memcpy(file.at + file.size, kind->padding, kind->npadding);
    file.size += kind->npadding;
    write_file(path, &file);
    struct weft_capture *capture = capture_at(path);
    expect_two_frames(capture);
    expect_end(capture);
    for (size_t piece = 1; piece < 20; piece += 6) {
      capture = capture_of(&file, piece);
      expect_two_frames(capture);
      expect_end(capture);
    }
    unlink(path);
  }
}

/* Tapes and block devices pad with zeros, and somebody may have added to it. */
static void what_follows_the_last_frame_is_left_alone(void **state) {
  (void)state;
  for (const struct kind *kind = kinds; kind->name; kind++) {
    struct bytes plain = {0}, file = {0};
    put_two_frames(&plain);
    put_packed(&file, kind, plain.at, plain.size);
    put(&file, 8, 0);
    put(&file, 8, 0);
    struct weft_capture *capture = capture_of(&file, 0);
    expect_two_frames(capture);
    expect_end(capture);
  }
}

static void cut_data_gives_what_comes_before(void **state) {
  (void)state;
  for (const struct kind *kind = kinds; kind->name; kind++)
    for (size_t piece = 0; piece < 8; piece += 7)
      for (size_t cut = 1; cut <= 4; cut++) {
        struct bytes plain = {0}, file = {0};
        put_two_frames(&plain);
        put_packed(&file, kind, plain.at, plain.size);
        size_t whole = file.size;
        put_packed(&file, kind, plain.at + 24, plain.size - 24);
        file.size = whole + (file.size - whole) / 4 * cut - 1;
        struct weft_capture *capture = capture_of(&file, piece);
        expect_two_frames(capture);
        struct weft_frame frames[4];
        struct weft_error error = {0};
        int rc, more = 0;
        while ((rc = weft_capture_next(capture, frames, 4, &error)) > 0) more += rc;
        if (rc != WEFT_E_FORMAT || !strstr(error.text, "compressed data ends early"))
          fail_msg("%s cut by %zu: %d %s", kind->name, cut, rc, error.text);
        assert_in_range(more, 0, 2);
        expect_end(capture);
      }
}

/* Found by fuzzing: the reason depended on how the bytes came. */
static void a_wrong_checksum_is_found_however_it_comes(void **state) {
  (void)state;
  static const struct {
    const char *name;
    size_t from_end; /* a byte of the checksum */
  } sums[] = {{"gzip", 5}, {"zstd", 1}, {"lz4", 1}};
  for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
    for (const struct kind *kind = kinds; kind->name; kind++)
      for (size_t piece = 0; piece < 8 && strcmp(kind->name, sums[i].name) == 0; piece++) {
        struct bytes plain = {0}, file = {0};
        put_two_frames(&plain);
        put_packed(&file, kind, plain.at, plain.size);
        file.at[file.size - sums[i].from_end] ^= 1;
        struct weft_capture *capture = capture_of(&file, piece);
        struct weft_frame frames[4];
        struct weft_error error = {0};
        int rc;
        while ((rc = weft_capture_next(capture, frames, 4, &error)) > 0) continue;
        if (rc != WEFT_E_FORMAT || !strstr(error.text, "compressed data is damaged ("))
          fail_msg("%s in pieces of %zu: %d %s", kind->name, piece, rc, error.text);
        expect_end(capture);
      }
}

/* ---- damage, and the parts behind it ---- */

#define PARTS 3
#define FRAMES_OF_PART 20

/* Three parts of which each begins with a frame, that can be told by their times. */
static void put_parts(struct bytes *file, const struct kind *kind, size_t ret_begin[PARTS + 1]) {
  uint32_t seconds = 1, seed = 1;
  for (int part = 0; part < PARTS; part++) {
    struct bytes plain = {0};
    if (part == 0) put_pcap_header(&plain, 0xa1b2c3d4, 1);
    for (int i = 0; i < FRAMES_OF_PART; i++) {
      char text[24] = "some text of the frame ";
      for (int at = 5; at < 20; at++) text[at] = (char)('a' + (seed = seed * 1664525 + 7) % 23);
      put_pcap_frame(&plain, seconds++, 0, text);
    }
    ret_begin[part] = file->size;
    put_packed(file, kind, plain.at, plain.size);
  }
  ret_begin[PARTS] = file->size;
}

/* Which of the frames come, by their times; then how it ends. */
static int read_parts(struct weft_capture *capture, uint8_t came[PARTS * FRAMES_OF_PART],
                      struct weft_error *error) {
  struct weft_frame frames[4];
  int rc;
  memset(came, 0, PARTS * FRAMES_OF_PART);
  while ((rc = weft_capture_next(capture, frames, 4, error)) > 0)
    for (int i = 0; i < rc; i++) {
      weft_time number = frames[i].mark.time / WEFT_SECOND - 1;
      if (number >= 0 && number < PARTS * FRAMES_OF_PART) came[number]++;
    }
  weft_capture_close(capture);
  return rc;
}

static void expect_first_and_last(const char *what, const uint8_t *came) {
  for (int i = 0; i < FRAMES_OF_PART; i++) {
    if (came[i] != 1) fail_msg("%s: frame %d", what, i + 1);
    int last = (PARTS - 1) * FRAMES_OF_PART + i;
    if (came[last] != 1) fail_msg("%s: frame %d", what, last + 1);
  }
}

/* What can happen to the second of three parts. */
static void spoil(struct bytes *file, size_t begin[PARTS + 1], unsigned how) {
  size_t size = begin[2] - begin[1], middle = begin[1] + size / 2;
  switch (how) {
  case 0: memset(file->at + middle, 0xff, 6); break;
  case 1: file->at[middle] ^= 0x10; break;
  case 2: memset(file->at + begin[1], 0x11, 14); break;    /* begins nothing */
  case 3: memset(file->at + begin[1] + 3, 0xff, 8); break; /* begins, and makes no sense */
  case 4: memset(file->at + begin[2] - 9, 0x5a, 9); break; /* checksums at the end */
  default:                                                 /* bytes are missing */
    memmove(file->at + middle, file->at + begin[2], begin[3] - begin[2]);
    file->size -= begin[2] - middle;
    begin[2] = middle;
  }
}

static void damage_costs_the_part_that_it_is_in(void **state) {
  (void)state;
  for (const struct kind *kind = kinds; kind->name; kind++)
    for (unsigned how = 0; how < 6; how++)
      for (size_t piece = 0; piece < 4; piece++) {
        struct bytes file = {0};
        size_t begin[PARTS + 1];
        uint8_t came[PARTS * FRAMES_OF_PART];
        struct weft_error error = {0};
        char what[32];
        put_parts(&file, kind, begin);
        spoil(&file, begin, how);
        snprintf(what, sizeof(what), "%s, %u, %zu", kind->name, how, piece);
        snprintf(warned.words, sizeof(warned.words), "bytes %zu to %zu of the file", begin[1],
                 begin[2]);
        struct weft_capture *capture = piece == 3 ? file_of(&file) : capture_of(&file, piece * 50);
        assert_int_equal(read_parts(capture, came, &error), WEFT_E_FORMAT);
        expect_first_and_last(what, came);
        assert_true(error.frame >= FRAMES_OF_PART);
        if (piece == 3 && warned.found != 1)
          fail_msg("%s: %d warnings, %s", what, warned.count, warned.last.text);
      }
}

/* Rotations put one behind the other, each with its own header. */
static void a_later_part_may_begin_the_capture(void **state) {
  (void)state;
  for (const struct kind *kind = kinds; kind->name; kind++)
    for (size_t piece = 0; piece < 60; piece += 29) {
      struct bytes first = {0}, second = {0}, file = {0};
      struct weft_error error = {0};
      struct weft_frame frame;
      put_two_frames(&first);
      put_packed(&file, kind, first.at, first.size);
      memset(file.at + kind->head, 0xff, file.size - kind->head);
      put_two_frames(&second);
      put_packed(&file, kind, second.at, second.size);
      struct weft_capture *capture = capture_of(&file, piece);
      expect_two_frames(capture);
      assert_int_equal(weft_capture_next(capture, &frame, 1, &error), WEFT_E_FORMAT);
      assert_int_equal(error.frame, 0);
      if (!strstr(error.text, "the compressed data is damaged (")) fail_msg("%s", error.text);
      expect_end(capture);
    }
}

/* One part alone: nothing can be found behind damage, and that is told once. */
static void damage_of_a_single_part_ends_the_file(void **state) {
  (void)state;
  for (const struct kind *kind = kinds; kind->name; kind++) {
    struct bytes file = {0};
    size_t begin[PARTS + 1];
    uint8_t came[PARTS * FRAMES_OF_PART];
    struct weft_error error = {0};
    put_parts(&file, kind, begin);
    file.size = begin[2];
    memset(file.at + begin[1] + (begin[2] - begin[1]) / 2, 0xff, 6);
    assert_int_equal(read_parts(file_of(&file), came, &error), WEFT_E_FORMAT);
    if (!strstr(error.text, "the compressed data is damaged (") ||
        !strstr(error.text, "data begins anew after that"))
      fail_msg("%s: %s", kind->name, error.text);
  }
}

#ifdef WEFT_HAVE_ZLIB
/* As a server sends them: stored in the capture as they are, they look like parts. */
static void what_only_looks_like_a_part_is_seen_through(void **state) {
  (void)state;
  const struct kind *kind = kinds;
  struct bytes file = {0}, body = {0}, plain = {0};
  uint8_t came[PARTS * FRAMES_OF_PART];
  struct weft_error error = {0};
  put_packed(&body, kind, (const uint8_t *)"<html>an object</html>", 22);
  put_pcap_header(&plain, 0xa1b2c3d4, 1);
  for (uint32_t i = 1; i <= FRAMES_OF_PART; i++) put_pcap_frame(&plain, i, 0, "frame");
  put_packed(&file, kind, plain.at, plain.size);
  file.at[file.size - 6] ^= 1; /* the checksum */
  for (int i = 0; i < 3; i++) {
    memcpy(file.at + file.size, body.at, body.size);
    file.size += body.size;
    put(&file, 4, 0x12345678);
  }
  plain.size = 0;
  for (uint32_t i = 1; i <= FRAMES_OF_PART; i++)
    put_pcap_frame(&plain, 2 * FRAMES_OF_PART + i, 0, "frame");
  put_packed(&file, kind, plain.at, plain.size);
  assert_int_equal(read_parts(file_of(&file), came, &error), WEFT_E_FORMAT);
  expect_first_and_last("bodies", came);
  assert_int_equal(warned.count, 1);
}
#endif

static void garbage_after_a_magic_is_damage(void **state) {
  (void)state;
  for (const struct kind *kind = kinds; kind->name; kind++) {
    struct bytes plain = {0}, file = {0};
    char path[32];
    struct weft_capture *capture;
    struct weft_error error = {0};
    put_two_frames(&plain);
    put_packed(&file, kind, plain.at, plain.size);
    memset(file.at + 6, 0xff, file.size - 6);
    write_file(path, &file);
    assert_int_equal(weft_capture_open(path, &capture, &error), WEFT_E_FORMAT);
    if (!strstr(error.text, "compressed data")) fail_msg("%s: %s", kind->name, error.text);
    unlink(path);
  }
}

/* Many blocks of the ring, of bytes that compress badly. */
#define LONG_FRAMES 2000

static uint32_t noise(uint32_t *seed) { return *seed = *seed * 1664525 + 1013904223; }

static uint8_t *make_long(const struct kind *kind, size_t *ret_size) {
  size_t size = 24, room = LONG_FRAMES * 1016 + 24;
  uint8_t *plain = malloc(room), *packed = malloc(2 * room);
  struct bytes header = {0};
  uint32_t seed = 1;
  put_pcap_header(&header, 0xa1b2c3d4, 1);
  memcpy(plain, header.at, 24);
  for (uint32_t i = 0; i < LONG_FRAMES; i++) {
    uint32_t record[4] = {i, 0, 1000, 1000};
    memcpy(plain + size, record, 16);
    for (size_t at = 16; at < 1016; at++) plain[size + at] = (uint8_t)(noise(&seed) >> 24);
    size += 1016;
  }
  *ret_size = kind->pack(plain, size, packed, 2 * room);
  free(plain);
  return packed;
}

static void expect_long(struct weft_capture *capture, int upto) {
  struct weft_frame frames[64];
  uint32_t seed = 1;
  int seen = 0;
  for (int rc; seen < upto && (rc = weft_capture_next(capture, frames, 64, NULL)) > 0;)
    for (int i = 0; i < rc; i++, seen++) {
      assert_int_equal(frames[i].mark.time, seen * WEFT_SECOND);
      for (size_t at = 0; at < 1000; at++)
        if (frames[i].data[at] != (uint8_t)(noise(&seed) >> 24))
          fail_msg("frame %d byte %zu", seen + 1, at);
    }
  assert_true(seen >= upto);
}

static void write_long(char path[32], const uint8_t *bytes, size_t size) {
  strcpy(path, "test_capture_XXXXXX");
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, bytes, size), (ssize_t)size);
  close(fd);
}

static void a_long_file_is_unpacked_ahead(void **state) {
  (void)state;
  for (const struct kind *kind = kinds; kind->name; kind++) {
    char path[32];
    size_t size;
    struct weft_capture_info info;
    uint8_t *packed = make_long(kind, &size);
    write_long(path, packed, size);
    struct weft_capture *capture = capture_at(path);
    expect_long(capture, LONG_FRAMES);
    weft_capture_inspect(capture, &info);
    assert_int_equal(info.total, size);
    expect_end(capture);
    /* Left in the middle, while the thread has a full ring. */
    capture = capture_at(path);
    expect_long(capture, LONG_FRAMES / 2);
    weft_capture_inspect(capture, &info);
    assert_in_range(info.position, 1, size);
    weft_capture_close(capture);
    /* Only opened. */
    weft_capture_close(capture_at(path));
    /* The thread meets the end that is missing. */
    assert_int_equal(truncate(path, (off_t)size - 10), 0);
    capture = capture_at(path);
    expect_long(capture, LONG_FRAMES / 2);
    struct weft_frame frames[64];
    struct weft_error error = {0};
    int rc;
    while ((rc = weft_capture_next(capture, frames, 64, &error)) > 0) continue;
    assert_int_equal(rc, WEFT_E_FORMAT);
    if (!strstr(error.text, "compressed data ends early")) fail_msg("%s", error.text);
    expect_end(capture);
    unlink(path);
    free(packed);
  }
}

struct pouring {
  int fd;
  const uint8_t *bytes;
  size_t size;
};

static void *pour(void *user) {
  struct pouring *pouring = user;
  for (size_t at = 0; at < pouring->size;) {
    ssize_t n = write(pouring->fd, pouring->bytes + at, pouring->size - at);
    if (n <= 0) break;
    at += (size_t)n;
  }
  return NULL;
}

/* The writer does not go away: only closing, or stopping, ends the reading. */
static void a_pipe_is_unpacked_and_can_be_left_at_any_time(void **state) {
  (void)state;
  for (const struct kind *kind = kinds; kind->name; kind++) {
    size_t size;
    uint8_t *packed = make_long(kind, &size);
    for (int how = 0; how < 3; how++) {
      int ends[2];
      char path[32];
      pthread_t thread;
      assert_int_equal(pipe(ends), 0);
      struct pouring pouring = {ends[1], packed, how == 0 ? size : size / 4 * 3};
      assert_int_equal(pthread_create(&thread, NULL, pour, &pouring), 0);
      snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
      struct weft_capture *capture = capture_at(path);
      expect_long(capture, how == 0 ? LONG_FRAMES : LONG_FRAMES / 4);
      if (how == 0) {
        pthread_join(thread, NULL);
        close(ends[1]);
      }
      if (how == 1) weft_capture_stop(capture);
      if (how < 2) {
        struct weft_frame frames[64];
        int rc;
        while ((rc = weft_capture_next(capture, frames, 64, NULL)) > 0) continue;
        assert_int_equal(rc, 0);
      }
      weft_capture_close(capture);
      close(ends[0]); /* so that a writer that is not done ends */
      if (how > 0) {
        pthread_join(thread, NULL);
        close(ends[1]);
      }
    }
    free(packed);
  }
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(compression_is_told_by_content),
      cmocka_unit_test(what_follows_the_last_frame_is_left_alone),
      cmocka_unit_test(cut_data_gives_what_comes_before),
      cmocka_unit_test(a_wrong_checksum_is_found_however_it_comes),
      cmocka_unit_test(damage_costs_the_part_that_it_is_in),
      cmocka_unit_test(a_later_part_may_begin_the_capture),
      cmocka_unit_test(damage_of_a_single_part_ends_the_file),
#ifdef WEFT_HAVE_ZLIB
      cmocka_unit_test(what_only_looks_like_a_part_is_seen_through),
#endif
      cmocka_unit_test(garbage_after_a_magic_is_damage),
      cmocka_unit_test(a_long_file_is_unpacked_ahead),
      cmocka_unit_test(a_pipe_is_unpacked_and_can_be_left_at_any_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
