/* SPDX-License-Identifier: BSD-2-Clause */
#include "object_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ascii.h"

enum { LEAF_MAX = 80, EXTENSION_MAX = 12 };

static int lower(int c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; }

/* ---- the end of a path ---- */

/* What stands behind the last of these separators. */
static struct weft_text behind_last(struct weft_text t, const char *separators) {
  size_t begin = 0;
  for (size_t i = 0; i < t.len; i++)
    if (t.base[i] != '\0' && strchr(separators, t.base[i]) != NULL) begin = i + 1;
  return begin < t.len ? (struct weft_text){t.base + begin, t.len - begin}
                       : (struct weft_text){"", 0};
}

/* ... in a target, before the query. */
static struct weft_text path_end(struct weft_text t) {
  size_t end = 0;
  while (end < t.len && t.base[end] != '?' && t.base[end] != '#') end++;
  return behind_last((struct weft_text){t.base, end}, "/");
}

/* The character at *i of the text, as a file name may have it.  In a target %XX is what
   it stands for (RFC 3986 section 2.1). */
static char leaf_char(struct weft_text t, int is_target, size_t *i) {
  int c = (unsigned char)t.base[(*i)++];
  if (is_target && c == '%' && *i + 2 <= t.len) {
    int byte = hex_byte(t.base + *i);
    if (byte >= 0) {
      c = byte;
      *i += 2;
    }
  }
  return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.' ? (char)c : '_';
}

/* Where the extension begins, dot included; the end of the text where none is. */
static char *extension_of(char *leaf) {
  char *dot = strrchr(leaf, '.'), *end = leaf + strlen(leaf);
  return dot != NULL && dot > leaf && end - dot > 1 && end - dot <= EXTENSION_MAX ? dot : end;
}

enum { WHOLE_MAX = 1024 };

/* Without dots around it.  Returns its length. */
static size_t leaf_clean(struct weft_text from, int is_target, char whole[WHOLE_MAX]) {
  size_t n = 0;
  for (size_t i = 0; i < from.len && n < WHOLE_MAX - 1;) {
    char c = leaf_char(from, is_target, &i);
    if (n > 0 || c != '.') whole[n++] = c;
  }
  while (n > 0 && whole[n - 1] == '.') n--;
  whole[n] = '\0';
  return n;
}

/* Of a long one the beginning and the extension stay. */
static void leaf_of(struct weft_text given, struct weft_text target, char leaf[LEAF_MAX]) {
  char whole[WHOLE_MAX];
  size_t n = leaf_clean(behind_last(given, "/\\"), 0, whole);
  if (n == 0) n = leaf_clean(path_end(target), 1, whole);
  if (n == 0) strcpy(whole, target.len > 0 ? "index" : "body");
  const char *extension = extension_of(whole);
  size_t stem = (size_t)(extension - whole), extra = strlen(extension);
  if (stem > LEAF_MAX - 1 - extra) stem = LEAF_MAX - 1 - extra;
  memcpy(leaf, whole, stem);
  memcpy(leaf + stem, extension, extra + 1);
}

/* ---- types ---- */

/* The usual extension first, then others that suit as well. */
static const struct {
  const char *type, *extensions[5];
} types[] = {
    {"application/gzip", {"gz", "tgz"}},
    {"application/java-archive", {"jar"}},
    {"application/javascript", {"js", "mjs"}},
    {"application/json", {"json", "map"}},
    {"application/msword", {"doc", "dot"}},
    {"application/ocsp-request", {"ors"}},
    {"application/ocsp-response", {"ors"}},
    {"application/ogg", {"ogg", "ogx"}},
    {"application/pdf", {"pdf"}},
    {"application/pkix-cert", {"cer", "crt"}},
    {"application/pkix-crl", {"crl"}},
    {"application/postscript", {"ps", "eps", "ai"}},
    {"application/rtf", {"rtf"}},
    {"application/vnd.android.package-archive", {"apk"}},
    {"application/vnd.apple.mpegurl", {"m3u8"}},
    {"application/vnd.ms-cab-compressed", {"cab"}},
    {"application/vnd.ms-excel", {"xls"}},
    {"application/vnd.ms-fontobject", {"eot"}},
    {"application/vnd.ms-powerpoint", {"ppt"}},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation", {"pptx"}},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", {"xlsx"}},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", {"docx"}},
    {"application/wasm", {"wasm"}},
    {"application/x-7z-compressed", {"7z"}},
    {"application/x-bzip2", {"bz2"}},
    {"application/x-debian-package", {"deb"}},
    {"application/x-dosexec", {"exe", "dll", "scr"}},
    {"application/x-gzip", {"gz", "tgz"}},
    {"application/x-javascript", {"js"}},
    {"application/x-msdos-program", {"exe", "com", "bat"}},
    {"application/x-msdownload", {"exe", "dll", "msi"}},
    {"application/x-rar-compressed", {"rar"}},
    {"application/x-rpm", {"rpm"}},
    {"application/x-shockwave-flash", {"swf"}},
    {"application/x-tar", {"tar"}},
    {"application/x-www-form-urlencoded", {"txt"}},
    {"application/x-xz", {"xz"}},
    {"application/xhtml+xml", {"xhtml", "html", "htm"}},
    {"application/xml", {"xml", "xsl", "rss", "atom"}},
    {"application/zip", {"zip"}},
    {"application/zstd", {"zst"}},
    {"audio/mpeg", {"mp3", "mpga"}},
    {"audio/x-wav", {"wav"}},
    {"image/jpeg", {"jpg", "jpeg", "jpe"}},
    {"image/svg+xml", {"svg"}},
    {"image/tiff", {"tiff", "tif"}},
    {"image/vnd.microsoft.icon", {"ico"}},
    {"image/x-icon", {"ico"}},
    {"multipart/byteranges", {"mime"}},
    {"multipart/form-data", {"mime"}},
    {"multipart/mixed", {"mime"}},
    {"multipart/x-mixed-replace", {"mime"}},
    {"text/css", {"css"}},
    {"text/csv", {"csv"}},
    {"text/html", {"html", "htm", "xhtml"}},
    {"text/javascript", {"js", "mjs"}},
    {"text/x-json", {"json"}},
    {"text/xml", {"xml", "xsl", "rss", "atom"}},
    {"video/mp2t", {"ts"}},
    {"video/mpeg", {"mpeg", "mpg"}},
    {"video/quicktime", {"mov"}},
    {"video/x-flv", {"flv"}},
    {"video/x-msvideo", {"avi"}},
};

/* They say nothing that an extension does not say better. */
static int is_vague(const char *type) {
  static const char *const vague[] = {"",
                                      "text/plain",
                                      "application/octet-stream",
                                      "binary/octet-stream",
                                      "application/x-download",
                                      "application/force-download"};
  for (size_t i = 0; i < sizeof vague / sizeof *vague; i++)
    if (strcmp(type, vague[i]) == 0) return 1;
  return 0;
}

/* image/webp, font/woff2, application/x+json: the type has the extension in it. */
static const char *subtype_extension(const char *type) {
  static const char *const suffixes[] = {"json", "xml", "zip"};
  static const char *const families[] = {"image/", "audio/", "video/", "font/"};
  const char *plus = strrchr(type, '+');
  for (size_t i = 0; plus != NULL && i < sizeof suffixes / sizeof *suffixes; i++)
    if (strcmp(plus + 1, suffixes[i]) == 0) return suffixes[i];
  for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
    size_t n = strlen(families[i]);
    if (strncmp(type, families[i], n) != 0) continue;
    const char *subtype = type + n + (strncmp(type + n, "x-", 2) == 0 ? 2 : 0);
    n = strspn(subtype, "abcdefghijklmnopqrstuvwxyz0123456789");
    if (n > 0 && n <= 5 && subtype[n] == '\0') return subtype;
  }
  return "bin";
}

const char *media_extension(const char *type, const char *extension) {
  int has = extension[0] != '\0';
  if (is_vague(type)) return has ? NULL : type[0] == 't' ? "txt" : "bin";
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    if (strcmp(type, types[i].type) != 0) continue;
    for (size_t j = 0; j < 5 && types[i].extensions[j] != NULL; j++)
      if (strcmp(extension, types[i].extensions[j]) == 0) return NULL;
    return types[i].extensions[0];
  }
  const char *own = subtype_extension(type);
  return strcmp(own, extension) == 0 || (has && strcmp(own, "bin") == 0) ? NULL : own;
}

/* tchar of RFC 9110 section 5.6.2. */
static int is_token(int c) {
  return is_letter(c) || is_digit(c) || (c > 0x20 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

void media_type(char ret[MEDIA_TYPE_MAX], struct weft_text t) {
  size_t n = 0, slashes = 0;
  while (t.len > 0 && (*t.base == ' ' || *t.base == '\t')) t.base++, t.len--;
  ret[0] = '\0';
  for (; n < t.len && t.base[n] != ';' && t.base[n] != ' ' && t.base[n] != '\t'; n++) {
    int c = (unsigned char)t.base[n];
    slashes += c == '/';
    if (n == MEDIA_TYPE_MAX - 1 || !(is_token(c) || (c == '/' && n > 0))) return;
  }
  if (slashes != 1 || t.base[n - 1] == '/') return;
  for (size_t i = 0; i < n; i++) ret[i] = (char)lower((unsigned char)t.base[i]);
  ret[n] = '\0';
}

/* ---- both ---- */

void object_name(char ret[OBJECT_NAME_MAX], uint64_t conn_id, uint64_t conn_tx, int is_request,
                 struct weft_text given, struct weft_text target, const char *type) {
  char leaf[LEAF_MAX], extension[EXTENSION_MAX] = "";
  leaf_of(given, target, leaf);
  const char *own = extension_of(leaf);
  for (size_t i = 0; *own != '\0' && own[i + 1] != '\0'; i++) {
    extension[i] = (char)lower((unsigned char)own[i + 1]);
    extension[i + 1] = '\0';
  }
  const char *better = media_extension(type, extension);
  snprintf(ret, OBJECT_NAME_MAX, "%06" PRIu64 "-%04" PRIu64 "-%s%s%s%s", conn_id, conn_tx,
           is_request ? "request-" : "", leaf, better != NULL ? "." : "",
           better != NULL ? better : "");
}
