/* SPDX-License-Identifier: Apache-2.0
 *
 * Text of addresses: RFC 5952 out, RFC 4291 s2.2 in, there and back at random, and what must be refused.
 */
#include "base_fixture.h"

#include <weir/addr.h>
#include <weir/error.h>

static void assert_text(const char *in, const char *out)
{
	weir_addr addr;
	char text[WEIR_ADDR_TEXT];

	memset(text, '#', sizeof(text));
	if (weir_addr_parse(in, &addr) != 0)
		fail_msg("%s was refused", in);
	assert_int_equal(weir_addr_format(&addr, text), strlen(out));
	assert_string_equal(text, out);
}

static void ipv4(void **state)
{
	weir_addr addr, expected = weir_addr_v4(192, 0, 2, 255);

	(void)state;
	assert_int_equal(weir_addr_parse("192.0.2.255", &addr), 0);
	assert_true(weir_addr_equal(&addr, &expected) && weir_addr_is_v4(&addr));
	assert_text("0.0.0.0", "0.0.0.0");
	assert_text("255.255.255.255", "255.255.255.255");
	assert_text("1.20.100.9", "1.20.100.9");
	assert_text("::ffff:10.0.0.1", "10.0.0.1");
	assert_text("::ffff:a00:1", "10.0.0.1");
}

/* [5952 s4]: no leading zeros, "::" for the longest run, the first of equals, never one group, lower case. */
static void ipv6(void **state)
{
	(void)state;
	assert_text("::", "::");
	assert_text("::1", "::1");
	assert_text("1::", "1::");
	assert_text("2001:0db8::0001", "2001:db8::1");
	assert_text("2001:db8:0:0:0:0:2:1", "2001:db8::2:1");
	assert_text("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
	assert_text("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");
	assert_text("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
	assert_text("2001:DB8::aBcD", "2001:db8::abcd");
	assert_text("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0");
	assert_text("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8");
	assert_text("1::3:4:5:6:7:8", "1:0:3:4:5:6:7:8");
	assert_text("0:0:3:4:5:6:0:0", "::3:4:5:6:0:0");
	assert_text("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304");
	assert_text("64:ff9b::192.0.2.33", "64:ff9b::c000:221");
	assert_text("::1.2.3.4", "::102:304");
	assert_text("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	assert_text("fe80::", "fe80::");
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const wrong[] = {
	    "",
	    " ",
	    "1",
	    "1.2.3",
	    "1.2.3.4.5",
	    "1.2.3.4 ",
	    " 1.2.3.4",
	    "1.2.3.256",
	    "1.2.3.04",
	    "1.2.3.00",
	    "1..2.3",
	    ".1.2.3",
	    "1.2.3.",
	    "1.2.3.4x",
	    "0x1.2.3.4",
	    "1.2.3.1000",
	    "1.2.3.-4",
	    "a.b.c.d",
	    ":",
	    ":::",
	    "::1::",
	    "1::2::3",
	    "1:2:3:4:5:6:7",
	    "1:2:3:4:5:6:7:8:9",
	    "1:2:3:4:5:6:7:8::",
	    "::1:2:3:4:5:6:7:8",
	    "1:2:3:4::5:6:7:8",
	    "1:",
	    ":1",
	    "1:2:3:4:5:6:7:",
	    ":1:2:3:4:5:6:7",
	    "12345::",
	    "g::",
	    "1:::2",
	    ":::1",
	    "1::2:",
	    "::1.2.3",
	    "::1.2.3.4.5",
	    "::1.2.3.256",
	    "::1.2.3.4:5",
	    "1:2:3:4:5:6:7:1.2.3.4",
	    "1.2.3.4::",
	    "1:2:3:4:5:1.2.3.4",
	    "fe80::1%eth0",
	    "::1/128",
	    "[::1]",
	    "localhost",
	    "::g",
	    "1 ::",
	    ":: 1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		weir_addr addr = weir_addr_v4(9, 9, 9, 9), before = addr;

		if (weir_addr_parse(wrong[i], &addr) != -WEIR_EINVAL)
			fail_msg("\"%s\" was taken", wrong[i]);
		assert_true(weir_addr_equal(&addr, &before));
	}
}

static void there_and_back_at_random(void **state)
{
	struct numbers n = {21};

	(void)state;
	for (int i = 0; i < 50000; i++) {
		weir_addr addr, back;
		char text[WEIR_ADDR_TEXT];
		size_t len;

		for (int g = 0; g < 8; g++) {
			uint32_t kind = number_below(&n, 4),
			         value = kind == 0 ? (uint32_t)number(&n) : number_below(&n, 17);

			addr.b[2 * g] = (uint8_t)(kind < 2 ? value >> 8 : 0);
			addr.b[2 * g + 1] = (uint8_t)(kind < 3 ? value : 0);
		}
		if (number_below(&n, 4) == 0)
			addr = weir_addr_v4(addr.b[1], addr.b[3], addr.b[5], addr.b[7]);
		len = weir_addr_format(&addr, text);
		assert_true(len < WEIR_ADDR_TEXT && strlen(text) == len);
		assert_int_equal(weir_addr_parse(text, &back), 0);
		assert_true(weir_addr_equal(&addr, &back));
	}
}

static void random_text_is_taken_or_refused(void **state)
{
	static const char letter[] = "0123456789abcdfF:::::.....% g";
	struct numbers n = {22};
	unsigned taken = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		char text[24];
		size_t len = number_below(&n, sizeof(text) - 1);
		weir_addr addr;

		for (size_t k = 0; k < len; k++)
			text[k] = letter[number_below(&n, sizeof(letter) - 1)];
		text[len] = '\0';
		taken += weir_addr_parse(text, &addr) == 0;
	}
	assert_true(taken > 0);
}

static void kinds_of_addresses(void **state)
{
	static const struct {
		const char *text;
		bool any, multicast, loopback, link_local;
	} row[] = {
	    {"0.0.0.0", true, false, false, false},      {"::", true, false, false, false},
	    {"224.0.0.1", false, true, false, false},    {"239.255.255.255", false, true, false, false},
	    {"240.0.0.1", false, false, false, false},   {"ff02::1", false, true, false, false},
	    {"127.0.0.1", false, false, true, false},    {"127.255.0.3", false, false, true, false},
	    {"::1", false, false, true, false},          {"::2", false, false, false, false},
	    {"fe80::1", false, false, false, true},      {"febf::1", false, false, false, true},
	    {"fec0::1", false, false, false, false},     {"10.0.0.1", false, false, false, false},
	    {"::127.0.0.1", false, false, false, false}, {"::101", false, false, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		weir_addr addr;

		assert_int_equal(weir_addr_parse(row[i].text, &addr), 0);
		assert_int_equal(weir_addr_is_any(&addr), row[i].any);
		assert_int_equal(weir_addr_is_multicast(&addr), row[i].multicast);
		assert_int_equal(weir_addr_is_loopback(&addr), row[i].loopback);
		assert_int_equal(weir_addr_is_link_local6(&addr), row[i].link_local);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ipv4),
	    cmocka_unit_test(ipv6),
	    cmocka_unit_test(what_is_no_address_is_refused),
	    cmocka_unit_test(there_and_back_at_random),
	    cmocka_unit_test(random_text_is_taken_or_refused),
	    cmocka_unit_test(kinds_of_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
