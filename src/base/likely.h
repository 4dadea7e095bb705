/* SPDX-License-Identifier: Apache-2.0
 *
 * What mostly happens and what rarely does, where the compiler cannot know. The way of a packet leads through all
 * rooms, some thousand instructions of which each is executed once: how fast they are fetched counts, so the common way
 * must fall through and what is rare must lie elsewhere. Hints are for that way only; they change no result.
 */
#ifndef WEIR_BASE_LIKELY_H
#define WEIR_BASE_LIKELY_H

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* A function on the way of each segment or each call, called from one place or two: inlined there, across files where
 * the core is optimised as a whole. */
#define FAST_PATH inline __attribute__((always_inline))

/* A function that is called when something is wrong or out of the ordinary, never once a segment. */
#define COLD __attribute__((cold, noinline))

#endif
