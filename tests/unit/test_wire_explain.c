/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#include <stdio.h>

struct steps {
  char text[1024];
  int count, stop_after, last_verdict;
  uint32_t realm;
};

static int on_layer(const struct weft_layer *layer, void *user) {
  struct steps *steps = user;
  size_t used = strlen(steps->text);
  assert_int_equal(layer->size, sizeof *layer);
  assert_int_equal(steps->last_verdict, -1);
  snprintf(steps->text + used, sizeof steps->text - used, "%s %u+%u of %u/%u\n", layer->name,
           layer->offset, layer->header, layer->caplen, layer->wirelen);
  steps->last_verdict = layer->verdict;
  steps->realm = layer->realm;
  return ++steps->count == steps->stop_after ? -77 : 0;
}

static int explain(uint16_t linktype, const char *text, uint32_t cut, struct steps *ret) {
  static struct hex hex;
  hex = hex_read(text);
  struct weft_frame frame = hex_frame(&hex, linktype);
  frame.caplen -= cut;
  *ret = (struct steps){.last_verdict = -1};
  return weft_explain(&frame, on_layer, ret);
}

static void each_layer_with_its_place(void **state) {
  (void)state;
  struct steps steps;
  assert_int_equal(explain(1, HELLO_ETHERNET "0000", 0, &steps), WEFT_IS_SEGMENT);
  assert_string_equal(steps.text, "ethernet 0+14 of 61/61\n"
                                  "ipv4 14+20 of 47/47\n"
                                  "tcp 34+20 of 25/25\n");
  assert_int_equal(steps.last_verdict, WEFT_IS_SEGMENT);
}

static void through_a_tunnel(void **state) {
  (void)state;
  struct steps steps;
  assert_int_equal(explain(101, UDP("d903", "12b5") "08000000 00000500" HELLO_ETHERNET, 3, &steps),
                   WEFT_IS_SEGMENT);
  assert_string_equal(steps.text, "ip 0+0 of 92/95\n"
                                  "ipv4 0+20 of 92/95\n"
                                  "udp 20+8 of 72/75\n"
                                  "vxlan 28+8 of 64/67\n"
                                  "ethernet 36+14 of 56/59\n"
                                  "ipv4 50+20 of 42/45\n"
                                  "tcp 70+20 of 22/25\n");
  assert_int_not_equal(steps.realm, 0);
}

static void where_it_stopped(void **state) {
  (void)state;
  struct steps steps;
  assert_int_equal(
      explain(1, ETHERNET "0800" IPV4("001c", "0000", "01") "0800000000000000", 0, &steps),
      WEFT_IS_OTHER);
  assert_string_equal(steps.text, "ethernet 0+14 of 42/42\nipv4 14+20 of 28/28\n");
  assert_int_equal(steps.last_verdict, WEFT_IS_OTHER);
  assert_int_equal(explain(1, HELLO_ETHERNET, 12, &steps), WEFT_IS_TRUNCATED);
  assert_string_equal(steps.text, "ethernet 0+14 of 47/59\n"
                                  "ipv4 14+20 of 33/45\n"
                                  "tcp 34+0 of 13/25\n");
}

static void nothing_of_an_unknown_link(void **state) {
  (void)state;
  struct steps steps;
  assert_int_equal(explain(147, HELLO_ETHERNET, 0, &steps), WEFT_IS_UNKNOWN_LINK);
  assert_int_equal(steps.count, 0);
}

static void the_callback_may_end_it(void **state) {
  (void)state;
  struct hex hex = hex_read(HELLO_ETHERNET);
  struct weft_frame frame = hex_frame(&hex, 1);
  struct steps steps = {.last_verdict = -1, .stop_after = 2};
  assert_int_equal(weft_explain(&frame, on_layer, &steps), -77);
  assert_int_equal(steps.count, 2);
}

/* Steps that decoding takes without counting do not count here. */
static void depth_is_the_same_as_decoding_has(void **state) {
  (void)state;
  for (int tags = 55; tags < 70; tags++) {
    char text[2048] = ETHERNET;
    for (int i = 0; i < tags; i++) strcat(text, "81000001");
    strcat(text, "0800" HELLO_IPV4);
    struct steps steps;
    struct wire_packet packet;
    assert_int_equal(explain(1, text, 0, &steps), hex_decode(1, text, &packet));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_layer_with_its_place),
      cmocka_unit_test(through_a_tunnel),
      cmocka_unit_test(where_it_stopped),
      cmocka_unit_test(nothing_of_an_unknown_link),
      cmocka_unit_test(the_callback_may_end_it),
      cmocka_unit_test(depth_is_the_same_as_decoding_has),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
