/* e^x with the same bits everywhere. */
#ifndef VKV_MODEL_SVM_EXP_H
#define VKV_MODEL_SVM_EXP_H

/* e^x for any double, as glibc's exp gives it on x86-64 with FMA (from 2.28 on), bit for bit on every platform and CPU:
 * infinity from 709.79 on, subnormal results below -708.4, +0 from -745.14 down; a NaN comes back quiet. Neither errno
 * nor rounding modes are looked at: the mode must be to nearest. */
double svm_exp(double x);

/* The same from fused operations alone, several times as slow: svm_exp asks it where its own way leaves a doubt. */
double svm_exp_fused(double x);

/* a b + c, rounded once, where neither the product nor its rounding error is subnormal or beyond the range. */
double svm_fused(double a, double b, double c);

#endif
