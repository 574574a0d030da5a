/* SPDX-License-Identifier: BSD-2-Clause */
#include <weft/check.h>
#include <weft/stream.h>

const char *weft_strerror(int status) {
  if (status >= 0) return "success";
  switch (status) {
  case WEFT_E_NOMEM: return "out of memory";
  case WEFT_E_INVAL: return "invalid argument";
  case WEFT_E_UNKNOWN: return "the caller sets fields newer than this library";
  case WEFT_E_BUSY: return "not allowed inside this callback";
  case WEFT_E_AGAIN: return "nothing there yet";
  case WEFT_E_GAP: return "bytes are missing here";
  case WEFT_E_IO: return "input or output error";
  case WEFT_E_FORMAT: return "not a capture file, or a damaged one";
  case WEFT_E_NOTBUILT: return "left out of this build";
  }
  return status <= WEFT_E_USER ? "stopped by a callback" : "unknown error";
}

unsigned weft_version_number(void) { return WEFT_VERSION_NUMBER; }

#define STRING(x) #x
#define VERSION(major, minor, patch) STRING(major) "." STRING(minor) "." STRING(patch)

const char *weft_version_string(void) {
  return VERSION(WEFT_VERSION_MAJOR, WEFT_VERSION_MINOR, WEFT_VERSION_PATCH);
}

static const char *name_of(const char *const *names, size_t count, uint32_t value) {
  return value < count && names[value] ? names[value] : "unknown";
}

#define NAME_OF(names, value) name_of(names, sizeof(names) / sizeof *(names), value)

const char *weft_fragment_policy_name(unsigned policy) {
  static const char *const names[WEFT_FRAGMENTS_COUNT] = {
      [WEFT_FRAGMENTS_LINUX] = "linux",         [WEFT_FRAGMENTS_FIRST] = "first",
      [WEFT_FRAGMENTS_LAST] = "last",           [WEFT_FRAGMENTS_BSD] = "bsd",
      [WEFT_FRAGMENTS_BSD_RIGHT] = "bsd-right", [WEFT_FRAGMENTS_LINUX_OLD] = "linux-old",
      [WEFT_FRAGMENTS_WINDOWS] = "windows",     [WEFT_FRAGMENTS_SOLARIS] = "solaris"};
  return policy < WEFT_FRAGMENTS_COUNT ? names[policy] : NULL;
}

const char *weft_gap_cause_name(uint32_t cause) {
  static const char *const names[] = {
      [WEFT_GAP_ACKED] = "acked",     [WEFT_GAP_TIME] = "time",   [WEFT_GAP_LIMIT] = "limit",
      [WEFT_GAP_SNAPLEN] = "snaplen", [WEFT_GAP_START] = "start", [WEFT_GAP_END] = "end",
      [WEFT_GAP_URGENT] = "urgent"};
  return NAME_OF(names, cause);
}

const char *weft_end_cause_name(uint32_t cause) {
  static const char *const names[] = {
      [WEFT_END_FIN] = "fin",         [WEFT_END_RESET] = "reset",   [WEFT_END_IDLE] = "idle",
      [WEFT_END_EVICTED] = "evicted", [WEFT_END_REUSED] = "reused", [WEFT_END_CLOSED] = "closed",
      [WEFT_END_FINISH] = "finish"};
  return NAME_OF(names, cause);
}

const char *weft_conn_state_name(uint32_t state) {
  static const char *const names[] = {
      [WEFT_CONN_SYN_SENT] = "syn-sent",       [WEFT_CONN_SYN_RECEIVED] = "syn-received",
      [WEFT_CONN_ESTABLISHED] = "established", [WEFT_CONN_HALF_CLOSED] = "half-closed",
      [WEFT_CONN_CLOSED] = "closed",           [WEFT_CONN_RESET] = "reset",
      [WEFT_CONN_MIDSTREAM] = "midstream"};
  return NAME_OF(names, state);
}

const char *weft_check_reason_name(int reason) {
  static const char *const names[] = {[WEFT_CHECK_OK] = "ok",
                                      [WEFT_CHECK_STATE] = "state",
                                      [WEFT_CHECK_WINDOW] = "window",
                                      [WEFT_CHECK_MSS] = "mss",
                                      [WEFT_CHECK_RETRANSMIT] = "retransmit",
                                      [WEFT_CHECK_CHECKSUM] = "checksum",
                                      [WEFT_CHECK_TIMESTAMP] = "timestamp",
                                      [WEFT_CHECK_RESET] = "reset",
                                      [WEFT_CHECK_ACK] = "ack",
                                      [WEFT_CHECK_MD5] = "md5"};
  return NAME_OF(names, (uint32_t)reason);
}
