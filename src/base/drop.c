/* SPDX-License-Identifier: Apache-2.0
 *
 * Names and texts of the counters, from the one table.
 */
#include "base/drop.h"

static const struct {
	const char *name, *text;
} table[DROP_COUNT] = {
    [DROP_NONE] = {"none", "not dropped"},
#define DROP(name, text) [drop_##name] = {#name, text},
#include "base/drop.def"
#undef DROP
};

const char *drop_name(enum drop reason)
{
	return reason < DROP_COUNT ? table[reason].name : "?";
}

const char *drop_text(enum drop reason)
{
	return reason < DROP_COUNT ? table[reason].text : "?";
}
