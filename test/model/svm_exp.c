/* e^x of libvmaf's models on 10 million arguments: its bits are held to stored digests everywhere, and to the system's
 * exp where that is what it must equal: glibc on x86-64 with FMA. The digests were made there, with every result equal.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/svm/exp.h"
#include "model_test.h"

#define STEP 0x1.62e42fefa39efp-8 /* ln 2 / 128 */
#define FIRST_STEP (-137730)      /* of results that are not 0 */
#define FUSED_DIGEST 0x23e349f845d9efc2ull
#define N_STEPS (131080 - FIRST_STEP)

static double from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

static uint64_t mixed(uint64_t n)
{
    n = (n + 1) * 0x9e3779b97f4a7c15u;
    n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9u;
    n = (n ^ n >> 27) * 0x94d049bb133111ebu;
    return n ^ n >> 31;
}

/* ---- arguments: made by exact operations, the same everywhere --------------------------------------------------- */

static double between(double low, double high, uint64_t i)
{
    return low + (high - low) * ((double)(mixed(i) >> 11) * 0x1p-53);
}

static double neighbour(double x, int64_t off)
{
    return from_bits(bits_of(x) + (uint64_t)off);
}

static double whole_range(uint64_t i)
{
    return between(-745.5, 710, i);
}

/* Minus gamma times a squared distance. */
static double kernel_range(uint64_t i)
{
    return between(i & 3 ? -4 : -64, 0, i);
}

/* Both signs, from 2^-60 to 2^11. */
static double any_exponent(uint64_t i)
{
    const uint64_t n = mixed(i);
    return from_bits((n & 0x800fffffffffffffu) | (1023 - 60 + (n >> 52) % 72) << 52);
}

static double subnormal_results(uint64_t i)
{
    return between(-745.5, -708, i);
}

/* The five doubles around each multiple of ln 2 / 128, and halfway between two. */
static double around_steps(uint64_t i)
{
    return neighbour((FIRST_STEP + (double)(i / 5 % N_STEPS)) * STEP, (int64_t)(i % 5) - 2);
}

static double between_steps(uint64_t i)
{
    return neighbour((FIRST_STEP + 0.5 + (double)(i / 5 % N_STEPS)) * STEP, (int64_t)(i % 5) - 2);
}

static double any_bits(uint64_t i)
{
    return from_bits(mixed(i));
}

static double ends(uint64_t i)
{
    static const double values[] = {
        0.0,
        -0.0,
        (double)INFINITY,
        -(double)INFINITY,
        0x1p-1074,
        -0x1p-1074,
        0x1p-54,
        -0x1p-54,
        512,
        -512,
        1024,
        -1024,
        0x1p1023,
        -0x1p1023,
        709.782712893384,
        -708.3964185322641,
        -745.1332191019411,
        -744.4400719213812,
    };
    const uint64_t nan[] = {0x7ff8000000000000u, 0xfff8000000000000u, 0x7ff0000000000001u, 0xfff7ffffffffffffu};
    const uint64_t n_values = sizeof(values) / sizeof(*values);
    return i / 5 < n_values ? neighbour(values[i / 5], (int64_t)(i % 5) - 2) : from_bits(nan[i % 4]);
}

static const struct group {
    const char *name;
    double (*argument)(uint64_t i);
    uint64_t n, digest;
} groups[] = {
    {"whole range", whole_range, 2500000, 0xfcbbafe0346a02fc},
    {"range of the kernels", kernel_range, 3500000, 0x62d6dbca3a8a1fc1},
    {"any exponent", any_exponent, 1000000, 0xbe67ec6dec8060e9},
    {"subnormal results", subnormal_results, 500000, 0x662458814be21e35},
    {"around steps", around_steps, 5 * N_STEPS, 0x5dec1a5a5ae4bbc3},
    {"between steps", between_steps, 5 * N_STEPS, 0x07a2f66046d36d02},
    {"any bits", any_bits, 200000, 0x3f7a63ebc2dd6cab},
    {"ends", ends, 5 * 18 + 4, 0x3faa7c18a5598d2e},
};
#define N_GROUPS (sizeof(groups) / sizeof(*groups))

/* ---- the system's exp -------------------------------------------------------------------------------------------- */

#if defined(__GLIBC__) && defined(__x86_64__)
#  include <gnu/libc-version.h>

static bool has_reference(void)
{
    char line[4096];
    bool is_so = false;
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && !is_so && fgets(line, sizeof(line), file))
        is_so = strncmp(line, "flags", 5) == 0 && strstr(line, " fma ") && strstr(line, " avx2 ");
    if (file)
        fclose(file);
    return is_so && !getenv("GLIBC_TUNABLES");
}

static const char *reference_name(void)
{
    return gnu_get_libc_version();
}
#else
static bool has_reference(void)
{
    return false;
}

static const char *reference_name(void)
{
    return "";
}
#endif

/* ---- tests ------------------------------------------------------------------------------------------------------- */

static void demand(const struct group *group, double x, const char *what, double want, double got)
{
    if (bits_of(want) != bits_of(got))
        fail_msg("%s: e^%a, %s: expected %a, got %a", group->name, x, what, want, got);
}

static void arguments(void **unused)
{
    const bool is_compared = has_reference();
    uint64_t n = 0;
    int n_wrong = 0;

    (void)unused;
    for (const struct group *group = groups; group < groups + N_GROUPS; group++) {
        uint64_t digest = 0;
        for (uint64_t i = 0; i < group->n; i++, n++) {
            const double x = group->argument(i), y = svm_exp(x);
            digest = mixed(digest ^ bits_of(y));
            if (is_compared)
                demand(group, x, "the system's", exp(x), y);
            if (i % 8 == 0 || x <= -512 || x >= 512)
                demand(group, x, "with fused operations", svm_exp_fused(x), y);
        }
        if (digest != group->digest)
            print_error("%s: digest 0x%016llx, expected 0x%016llx\n", group->name, (unsigned long long)digest,
                        (unsigned long long)group->digest);
        n_wrong += digest != group->digest;
    }
    print_message("%llu arguments; compared with the exp of glibc %s\n", (unsigned long long)n,
                  is_compared ? reference_name() : "nowhere: this is not glibc on x86-64 with FMA");
    assert_true(n >= 10000000);
    assert_int_equal(n_wrong, 0);
}

/* a, b and c, whose sum is hard to round in one of three ways: the product's rounding matters, or the sum is halfway
 * between two doubles, or it is off that by less than a double of its size can tell. */
static void hard_operands(uint64_t i, double operands[3])
{
    const uint64_t few = i % 3 ? UINT64_MAX : UINT64_MAX << 40;
    operands[0] = from_bits(bits_of(between(1, 2, 4 * i)) & few);
    operands[1] = from_bits(bits_of(between(1, 2, 4 * i + 1)) & few);
    operands[2] = between(-2, 2, 4 * i + 2) * from_bits((1023 + mixed(4 * i + 3) % (i % 2 ? 4 : 64)) << 52);
    if (i % 5 == 0) { /* (1 + e) (1 - e) is below 1 by less than 2^-54, and 1 is half an ulp of the sum */
        const double e = (double)(1 + mixed(4 * i) % 8191) * 0x1p-40;
        operands[0] = i % 2 ? 1 + e : -1 - e;
        operands[1] = 1 - e;
        operands[2] = (double)(mixed(4 * i + 1) >> 12 | (uint64_t)1 << 52) * (i % 4 < 2 ? 2 : -2);
    }
}

static void fused_operations(void **unused)
{
    const bool is_compared = has_reference();
    uint64_t digest = 0;
    long n_double = 0;

    (void)unused;
    for (uint64_t i = 0; i < 1000000; i++) {
        double o[3];
        hard_operands(i, o);
        const double got = svm_fused(o[0], o[1], o[2]);
        digest = mixed(digest ^ bits_of(got));
        n_double += o[0] * o[1] + o[2] != got;
        if (is_compared && bits_of(fma(o[0], o[1], o[2])) != bits_of(got))
            fail_msg("%a %a + %a: expected %a, got %a", o[0], o[1], o[2], fma(o[0], o[1], o[2]), got);
    }
    print_message("%ld of 1000000 differ from two roundings\n", n_double);
    assert_true(n_double > 90000);
    if (digest != FUSED_DIGEST)
        fail_msg("digest 0x%016llx, expected 0x%016llx", (unsigned long long)digest, FUSED_DIGEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fused_operations),
        cmocka_unit_test(arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
