# SPDX-License-Identifier: BSD-3-Clause
# Makes a library of what third-party/tlsf-3.1.0 names, in the folder third-party: one flavour names
# its sources relative to it, the other one absolutely.
include tlsf-3.1.0/src.mk

$(BUILD)/libthird_party.a: $(CSRCS_RELATIVE_FILES:%.c=$(BUILD)/third-party/%.o) \
        $(ABSOLUTE_CFILES:/%.c=$(BUILD)/absolute/%.o)
	$(firstword $(CC))-ar rcs $@ $^

$(BUILD)/third-party/%.o: %.c
	mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INCLUDES) -c $< -o $@

$(BUILD)/absolute/%.o: /%.c
	mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INCLUDES) -c $< -o $@
