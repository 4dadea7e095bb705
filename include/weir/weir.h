/* SPDX-License-Identifier: Apache-2.0
 * Weir's core, whole. */
#ifndef WEIR_H
#define WEIR_H

#include <weir/addr.h>
#include <weir/error.h>
#include <weir/observe.h>
#include <weir/packet.h>
#include <weir/socket.h>
#include <weir/stack.h>
#include <weir/time.h>
#include <weir/view.h>

#endif
