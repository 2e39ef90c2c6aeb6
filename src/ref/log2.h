/* Logarithms and powers with the same bits everywhere: correctly rounded but where the exact value is within 2^-20 of
 * an ulp of halfway between two doubles. The rounding mode must be to nearest. */
#ifndef VKV_REF_LOG2_H
#define VKV_REF_LOG2_H

/* log2 x. -infinity for 0, a NaN for x < 0 and for a NaN. */
double ref_log2(double x);

/* log2 x with an error below 2^-44, several times as fast, for 2^-126 <= x < 2^128. A NaN for x <= 0, infinity and a
 * NaN. */
double ref_log2_near(double x);

/* x^y for 0 <= x <= 2^16 and 0 < y <= 16 with a result of 0 or above 2^-1000. */
double ref_pow(double x, double y);

#endif
