/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef EVENT_GROUPS_H
#define EVENT_GROUPS_H

#ifndef INC_FREERTOS_H
#error "include FreeRTOS.h before event_groups.h"
#endif

typedef struct EventGroupDef_t *EventGroupHandle_t;

#endif
