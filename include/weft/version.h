/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WEFT_VERSION_H
#define WEFT_VERSION_H

/* The header's version, for compile-time tests.  meson.build reads these
   three lines, so the number is written once. */
#define WEFT_VERSION_MAJOR 0
#define WEFT_VERSION_MINOR 1
#define WEFT_VERSION_PATCH 0

#define WEFT_VERSION_NUMBER \
  (WEFT_VERSION_MAJOR * 1000000 + WEFT_VERSION_MINOR * 1000 + WEFT_VERSION_PATCH)

#if defined(_WIN32)
#  define WEFT_API /* static only until the Windows port exports symbols */
#elif defined(__GNUC__)
#  define WEFT_API __attribute__((visibility("default")))
#else
#  define WEFT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The library's version at run time: compare with WEFT_VERSION_NUMBER. */
WEFT_API unsigned weft_version_number(void);
WEFT_API const char *weft_version_string(void);

#ifdef __cplusplus
}
#endif

#endif
