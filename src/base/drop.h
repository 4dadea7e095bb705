/* SPDX-License-Identifier: Apache-2.0
 *
 * Counters by reason (drop.def). DROP_NONE is "not dropped".
 */
#ifndef WEIR_BASE_DROP_H
#define WEIR_BASE_DROP_H

#include <stdint.h>

enum drop {
	DROP_NONE = 0,
#define DROP(name, text) drop_##name,
#include "base/drop.def"
#undef DROP
	DROP_COUNT,
};

struct counters {
	uint64_t value[DROP_COUNT];
};

/* "tcp_checksum", ...; and the text for people. */
const char *drop_name(enum drop reason);
const char *drop_text(enum drop reason);

#endif
