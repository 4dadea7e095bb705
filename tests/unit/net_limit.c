/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits on answers that anybody can draw [attacks I-5, I-6, S-3].
 */
#include "net/limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct net_limit_rates rates = {
    .to_burst = 10, .to_per_second = 10, .all_burst = 50, .all_per_second = 100};

static struct host host;
static struct net_limit limit;

static int setup(void **state)
{
	(void)state;
	memset(&host, 0, sizeof(host));
	memset(&limit, 0, sizeof(limit));
	host.key_ip_id = (struct siphash_key){1, 2};
	host.now = (weir_time){WEIR_NS_PER_S};
	return 0;
}

static unsigned allowed(uint32_t first, uint32_t last, unsigned each)
{
	unsigned n = 0;

	for (uint32_t i = first; i <= last; i++) {
		weir_addr to = weir_addr_v4(10, (uint8_t)(i >> 8), (uint8_t)i, 1);

		for (unsigned k = 0; k < each; k++)
			n += net_limit_allows(&limit, &host, &to, &rates);
	}
	return n;
}

static void pass_ms(int64_t ms)
{
	host.now = weir_time_add(host.now, weir_ms(ms));
}

static void each_receiver_has_a_bucket(void **state)
{
	(void)state;
	assert_int_equal(allowed(1, 1, 1000), 10);
	assert_int_equal(allowed(1, 1, 1000), 0);
	assert_true(allowed(2, 2, 1000) == 10);
}

static void tokens_come_back(void **state)
{
	(void)state;
	allowed(1, 1, 1000);
	pass_ms(99);
	assert_int_equal(allowed(1, 1, 1000), 0);
	pass_ms(1);
	assert_int_equal(allowed(1, 1, 1000), 1);
	pass_ms(500);
	assert_int_equal(allowed(1, 1, 1000), 5);
	pass_ms(1000 * 3600);
	assert_int_equal(allowed(1, 1, 1000), 10);
}

/* However many ask: about what the common bucket holds, and not to be foretold to the token. */
static void all_together_have_one(void **state)
{
	unsigned first, n;

	(void)state;
	first = allowed(1, 5000, 1);
	assert_in_range(first, 30, 80);
	pass_ms(1000 * 3600);
	n = allowed(1, 5000, 1);
	assert_in_range(n, 30, 80);
	pass_ms(1000 * 3600);
	assert_true(first != n || first != allowed(1, 5000, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(each_receiver_has_a_bucket, setup),
	    cmocka_unit_test_setup(tokens_come_back, setup),
	    cmocka_unit_test_setup(all_together_have_one, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
