/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire_hex.h"

#include "wire/walk.h"

static uint32_t entered(uint32_t outside, enum walk_tunnel tunnel, uint32_t id) {
  struct walk walk = {.realm = outside};
  walk_enter(&walk, tunnel, id);
  return walk.realm;
}

static void same_tunnel_same_realm(void **state) {
  (void)state;
  assert_int_equal(entered(0, TUNNEL_VXLAN, 5), entered(0, TUNNEL_VXLAN, 5));
}

static void number_kind_and_nesting_matter(void **state) {
  (void)state;
  assert_int_not_equal(entered(0, TUNNEL_VXLAN, 5), entered(0, TUNNEL_VXLAN, 6));
  assert_int_not_equal(entered(0, TUNNEL_VXLAN, 5), entered(0, TUNNEL_GENEVE, 5));
  assert_int_not_equal(entered(0, TUNNEL_VXLAN, 5), entered(0, TUNNEL_GRE, 5));
  assert_int_not_equal(entered(0, TUNNEL_VXLAN, 5), entered(1, TUNNEL_VXLAN, 5));
}

/* Among so few, two alike would be a fault of the hash. */
static void thousands_of_networks_do_not_meet(void **state) {
  (void)state;
  static uint32_t realms[4096];
  for (uint32_t i = 0; i < 4096; i++) {
    realms[i] = entered(0, TUNNEL_VXLAN, i);
    assert_int_not_equal(realms[i], 0);
    for (uint32_t j = 0; j < i; j++) assert_true(realms[j] != realms[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(same_tunnel_same_realm),
      cmocka_unit_test(number_kind_and_nesting_matter),
      cmocka_unit_test(thousands_of_networks_do_not_meet),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
