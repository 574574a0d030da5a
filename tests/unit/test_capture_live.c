/* SPDX-License-Identifier: BSD-2-Clause */
/* Live capture on the loopback interface, of datagrams this test sends itself.
   Without the permission to capture, what needs it is skipped. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>

#include "test_capture_build.h"

#define PORT 39999
#define FILTER "udp dst port 39999"

static struct weft_capture *live(const struct weft_live_options *options) {
  struct weft_capture *capture = NULL;
  struct weft_error error = {0};
  int rc = weft_capture_live("lo", options, &capture, &error);
  if (rc == WEFT_E_NOTBUILT || strstr(error.text, "cap_net_raw")) skip();
  if (rc < 0) fail_msg("%s", error.text);
  return capture;
}

static void send_datagrams(int n, const char *text) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  assert_true(fd >= 0);
  for (int i = 0; i < n; i++) sendto(fd, text, strlen(text), 0, (struct sockaddr *)&to, sizeof(to));
  close(fd);
}

static void datagrams_sent_are_captured(void **state) {
  (void)state;
  struct weft_live_options options = {
      .size = sizeof(options), .filter = FILTER, .snaplen = 50, .timeout_ms = 50};
  struct weft_capture *capture = live(&options);
  struct weft_frame frames[16];
  struct weft_capture_info info;
  weft_time before = (int64_t)time(NULL) * WEFT_SECOND;
  int count = 0;
  send_datagrams(20, "0123456789");
  for (int tries = 0; count < 20 && tries < 50; tries++) {
    int rc = weft_capture_next(capture, frames, 16, NULL);
    assert_in_range(rc, 0, 16);
    for (int i = 0; i < rc; i++) {
      assert_int_equal(frames[i].mark.frame, ++count);
      assert_int_equal(frames[i].linktype, 1);
      assert_int_equal(frames[i].wirelen, 14 + 20 + 8 + 10);
      assert_int_equal(frames[i].caplen, 50);
      assert_memory_equal(frames[i].data + 42, "01234567", 8);
      assert_true(frames[i].mark.time >= before);
      assert_true(frames[i].mark.time < before + 60 * WEFT_SECOND);
    }
  }
  assert_int_equal(count, 20);
  weft_capture_inspect(capture, &info);
  assert_true(info.live && info.has_drops);
  assert_int_equal(info.kernel_dropped, 0);
  weft_capture_close(capture);
}

static void a_quiet_interface_returns_in_time(void **state) {
  (void)state;
  struct weft_live_options options = {.size = sizeof(options), .filter = FILTER, .timeout_ms = 30};
  struct weft_capture *capture = live(&options);
  struct weft_frame frame;
  struct timespec begin, end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  assert_int_equal(weft_capture_next(capture, &frame, 1, NULL), 0);
  clock_gettime(CLOCK_MONOTONIC, &end);
  double waited = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
  assert_true(waited > 0.02 && waited < 5);
  assert_false(weft_capture_ended(capture));
  weft_capture_close(capture);
}

static struct weft_capture *interrupted;

static void on_signal(int number) {
  (void)number;
  weft_capture_stop(interrupted);
}

static void a_signal_handler_can_stop_it(void **state) {
  (void)state;
  struct weft_live_options options = {
      .size = sizeof(options), .filter = FILTER, .timeout_ms = 60000};
  interrupted = live(&options);
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, before;
  sigaction(SIGALRM, &action, &before);
  struct timespec none = {0};
  timer_t timer;
  struct itimerspec soon = {.it_value = {0, 30000000}, .it_interval = none};
  assert_int_equal(timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
  assert_int_equal(timer_settime(timer, 0, &soon, NULL), 0);
  expect_end(interrupted);
  timer_delete(timer);
  sigaction(SIGALRM, &before, NULL);
}

/* What the kernel has when the stop comes is given; what comes later is not. */
static void frames_from_before_the_stop_are_given(void **state) {
  (void)state;
  struct weft_live_options options = {.size = sizeof(options), .filter = FILTER, .timeout_ms = 50};
  struct weft_capture *capture = live(&options);
  struct weft_frame frames[16];
  int count = 0, rc;
  send_datagrams(100, "before the stop");
  weft_capture_stop(capture);
  assert_int_equal(rc = weft_capture_next(capture, frames, 1, NULL), 1);
  count += rc;
  usleep(20000);
  send_datagrams(100, "after the stop");
  while ((rc = weft_capture_next(capture, frames, 16, NULL)) > 0) {
    for (int i = 0; i < rc; i++) assert_memory_equal(frames[i].data + 42, "before the stop", 15);
    count += rc;
  }
  assert_int_equal(rc, 0);
  assert_int_equal(count, 100);
  expect_end(capture);
}

static void what_cannot_be_captured_on_is_explained(void **state) {
  (void)state;
  struct weft_capture *capture = NULL;
  struct weft_error error = {0};
  int rc = weft_capture_live("nosuch0", NULL, &capture, &error);
  if (rc == WEFT_E_NOTBUILT || strstr(error.text, "cap_net_raw")) skip();
  assert_int_equal(rc, WEFT_E_IO);
  if (!strstr(error.text, "nosuch0: there is no such interface; there are: "))
    fail_msg("%s", error.text);
  assert_null(capture);
  struct weft_live_options options = {.size = sizeof(options), .filter = "tcp prot 80"};
  assert_int_equal(weft_capture_live("lo", &options, &capture, &error), WEFT_E_INVAL);
  options.size = sizeof(options) + 8;
  assert_int_equal(weft_capture_live("lo", &options, &capture, &error), WEFT_E_UNKNOWN);
}

static void note_loopback(const char *name, const char *description, void *user) {
  assert_non_null(description);
  if (strcmp(name, "lo") == 0) *(int *)user = 1;
}

static void interfaces_are_listed(void **state) {
  (void)state;
  int found = 0;
  if (weft_capture_interfaces(note_loopback, &found, NULL) == WEFT_E_NOTBUILT || geteuid() != 0)
    skip();
  assert_true(found);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(datagrams_sent_are_captured),
      cmocka_unit_test(a_quiet_interface_returns_in_time),
      cmocka_unit_test(a_signal_handler_can_stop_it),
      cmocka_unit_test(frames_from_before_the_stop_are_given),
      cmocka_unit_test(what_cannot_be_captured_on_is_explained),
      cmocka_unit_test(interfaces_are_listed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
