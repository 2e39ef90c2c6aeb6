/* Eigenvalues of a symmetric matrix: Householder's reflections make it tridiagonal, then come steps of QR with implicit
 * shifts. */
#include "ref/speed/speed.h"

#include <math.h>
#include <string.h>

enum { N = SPEED_SIDE, MAX_STEPS = 500 };

static float length_of(float a, float b)
{
    return sqrtf(a * a + b * b);
}

/* ---- tridiagonal form ------------------------------------------------------------------------------------------- */

/* Makes column `i` below the diagonal a reflection's vector, with the new element of the matrix in front. Returns the
 * reflection's factor; 0: there is nothing to reflect. */
static float reflect_column(speed_matrix a, int i)
{
    const int s = i + 1;
    float sum = 0;
    for (int r = s + 1; r < N; r++)
        sum += a[r][i] * a[r][i];
    if (sqrtf(sum) == 0)
        return 0;
    const float alpha = a[s][i], length = length_of(alpha, sqrtf(sum)), beta = alpha >= 0 ? -length : length;
    const float divisor = alpha - beta;
    if (divisor != 0) {
        for (int r = s; r < N; r++)
            a[r][i] = a[r][i] / divisor;
        a[s][i] = beta;
    }
    return (beta - alpha) / beta;
}

/* Applies the reflection from both sides to what is right of and below column `i`. */
static void apply_reflection(speed_matrix a, int i, float tau)
{
    const int s = i + 1;
    float v[N], x[N], dot = 0;
    for (int r = s; r < N; r++)
        v[r] = r == s ? 1 : a[r][i];
    for (int r = s; r < N; r++) {
        x[r] = 0;
        for (int j = s; j < N; j++)
            x[r] += (tau * a[r][j]) * v[j];
    }
    for (int r = s; r < N; r++)
        dot += x[r] * v[r];
    const float alpha = (-0.5f * tau) * dot;
    for (int r = s; r < N; r++)
        x[r] += alpha * v[r];
    for (int r = s; r < N; r++)
        for (int j = s; j < N; j++)
            a[r][j] -= x[r] * v[j] + v[r] * x[j];
}

static void make_tridiagonal(speed_matrix a, float d[N], float e[N])
{
    for (int i = 0; i < N - 2; i++) {
        const float tau = reflect_column(a, i);
        if (tau != 0)
            apply_reflection(a, i, tau);
    }
    for (int i = 0; i < N; i++) {
        d[i] = a[i][i];
        e[i] = i + 1 < N ? a[i + 1][i] : 0;
    }
}

/* ---- QR --------------------------------------------------------------------------------------------------------- */

/* Elements below the diagonal that are small beside those on it become 0; `n` on the diagonal. */
static void chop(const float *d, float *e, int n)
{
    for (int i = 0; i < n - 1; i++)
        if (fabs((double)e[i]) < SPEED_EPSILON * (double)(fabsf(d[i]) + fabsf(d[i + 1])))
            e[i] = 0;
}

/* Wilkinson's shift, of the last two rows. */
static float shift_of(const float *d, const float *e, int n)
{
    const float ta = d[n - 2], tb = d[n - 1], t = e[n - 2], delta = (ta - tb) / 2;
    float mu = tb - fabsf(t);
    if (delta > 0)
        mu = tb - t * (t / (delta + length_of(delta, t)));
    else if (delta != 0)
        mu = tb + t * (t / (-delta + length_of(delta, t)));
    return SPEED_EPSILON * (double)fabsf(mu) > (double)(fabsf(d[0]) + fabsf(e[0])) ? 0 : mu;
}

struct rotation {
    float c, s;
};

static float cosine_of(float tangent)
{
    return (float)(1 / sqrt((double)(1 + tangent * tangent)));
}

/* The rotation that takes z away from (x, z). */
static struct rotation rotation_of(float x, float z)
{
    if (z == 0)
        return (struct rotation){1, 0};
    if (fabsf(z) > fabsf(x)) {
        const float q = -x / z, s = cosine_of(q);
        return (struct rotation){s * q, s};
    }
    const float q = -z / x, c = cosine_of(q);
    return (struct rotation){c, c * q};
}

/* The elements around the rotation of row p by row q = p + 1: `a` on the diagonal, `b` below it; those of the row k
 * above p, and z, which the rotation before left outside of the three diagonals. */
struct bulge {
    float bk, zk, ap, bp, aq, bq;
};

/* Row q becomes row p. `above`, `done`: what row p leaves behind below the diagonal and on it. */
static void turn(struct bulge *at, struct rotation by, float *above, float *done)
{
    const float c = by.c, s = by.s;
    const struct bulge was = *at;
    *above = c * was.bk - s * was.zk;
    *done = c * (c * was.ap - s * was.bp) + s * (s * was.aq - c * was.bp);
    at->bk = c * (s * was.ap + c * was.bp) - s * (s * was.bp + c * was.aq);
    at->ap = s * (s * was.ap + c * was.bp) + c * (s * was.bp + c * was.aq);
    at->zk = -s * was.bq;
    at->bp = c * was.bq;
}

/* One step on a matrix whose elements below the diagonal are not 0. */
static void step(float *d, float *e, int n)
{
    struct bulge at = {.ap = d[0], .bp = e[0], .aq = d[1], .bq = n > 2 ? e[1] : 0};
    float x = d[0] - shift_of(d, e, n), z = e[0], above;
    for (int k = 0; k < n - 1; k++) {
        turn(&at, rotation_of(x, z), &above, &d[k]);
        if (k > 0)
            e[k - 1] = above;
        if (k < n - 2) {
            at.aq = d[k + 2];
            e[k + 1] = at.bp;
        }
        if (k < n - 3)
            at.bq = e[k + 2];
        x = at.bk;
        z = at.zk;
    }
    d[n - 1] = at.ap;
    e[n - 2] = at.bk;
}

int speed_eigenvalues(speed_matrix matrix, float diagonal[SPEED_SIDE], float below[SPEED_SIDE],
                      float eigenvalues[SPEED_SIDE])
{
    speed_matrix a;
    float e[N];
    int n_steps = 0;
    memcpy(a, matrix, sizeof(a));
    make_tridiagonal(a, diagonal, below);
    memcpy(eigenvalues, diagonal, N * sizeof(*eigenvalues));
    memcpy(e, below, sizeof(e));
    chop(eigenvalues, e, N);
    for (int last = N - 1; last > 0 && n_steps < MAX_STEPS;) {
        int first = last;
        while (first > 0 && e[first - 1] != 0)
            first--;
        if (first == last) {
            last--;
            continue;
        }
        step(eigenvalues + first, e + first, last - first + 1);
        chop(eigenvalues + first, e + first, last - first + 1);
        n_steps++;
    }
    return n_steps;
}
