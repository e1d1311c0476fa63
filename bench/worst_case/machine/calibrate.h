/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CALIBRATE_H
#define CALIBRATE_H

/* Counts functions of known length many times. Fails unless every count is right. */
void machine_calibrate(void);

/* In assembly: so many no-operations, and a return. */
void calibrate_0(void);
void calibrate_10(void);
void calibrate_57(void);
void calibrate_200(void);

#endif
