#include "training/net.h"

#include <string.h>

/* Sets the places of each layer's parameters. */
static void lay_out(struct net_shape *shape)
{
    for (uint32_t l = 0; l < shape->n_layers; l++) {
        shape->weight_at[l] = shape->n_params;
        shape->n_params += (size_t)shape->widths[l] * shape->widths[l + 1];
        shape->bias_at[l] = shape->n_params;
        shape->n_params += shape->widths[l + 1];
    }
}

bool net_shape_find(const char *arch, struct net_shape *shape)
{
    static const struct net_shape known[] = {
        {.arch = "mlp_small", .n_layers = 3, .widths = {NET_INPUTS, 16, 8, 1}},
        {.arch = "mlp_medium", .n_layers = 3, .widths = {NET_INPUTS, 32, 16, 1}},
        {.arch = "mlp_large", .n_layers = 4, .widths = {NET_INPUTS, 64, 32, 16, 1}},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (strcmp(arch, known[i].arch) != 0)
            continue;
        *shape = known[i];
        lay_out(shape);
        return true;
    }
    return false;
}

bool net_shape_of_plan(const struct plan *plan, struct net_shape *shape)
{
    if (plan->n_layers > NET_MAX_LAYERS || plan->n_steps)
        return false;
    *shape = (struct net_shape){.n_layers = plan->n_layers, .widths = {NET_INPUTS}};
    for (uint32_t l = 0; l < plan->n_layers; l++) {
        const struct plan_layer *layer = &plan->layers[l];
        if (layer->kind != PLAN_DENSE_FLOAT || layer->n_steps || layer->outputs > NET_MAX_WIDTH ||
            layer->relu != (l + 1 < plan->n_layers))
            return false;
        shape->widths[l + 1] = layer->outputs;
    }
    lay_out(shape);
    return true;
}

void net_from_plan(const struct net_shape *shape, const struct plan *plan, double *params)
{
    for (uint32_t l = 0; l < shape->n_layers; l++) {
        const struct plan_layer *layer = &plan->layers[l];
        for (size_t i = 0; i < (size_t)layer->inputs * layer->outputs; i++)
            params[shape->weight_at[l] + i] = (double)layer->weights[i];
        for (size_t m = 0; m < layer->outputs; m++)
            params[shape->bias_at[l] + m] = (double)layer->bias[m];
    }
}

void net_inputs_map(const struct net_inputs *map, const double *features, double *inputs)
{
    for (int i = 0; i < NET_INPUTS; i++) {
        inputs[i] = 0;
        for (int j = 0; j < NET_INPUTS; j++)
            inputs[i] += map->matrix[i][j] * (features[j] - map->mean[j]);
    }
}

void net_init(const struct net_shape *shape, struct net_random *random, double *params)
{
    for (uint32_t l = 0; l < shape->n_layers; l++) {
        const double bound = 1 / sqrt((double)shape->widths[l]);
        const size_t end = shape->bias_at[l] + shape->widths[l + 1];
        for (size_t i = shape->weight_at[l]; i < end; i++)
            params[i] = bound * (2 * net_random_unit(random) - 1);
    }
}

void net_init_clip(const struct net_shape *shape, struct net_random *random, double top, double *params)
{
    const uint32_t last = shape->n_layers - 1, inputs = shape->widths[last - 1];
    double *low = params + shape->weight_at[last - 1], *high = low + inputs;
    double *bias = params + shape->bias_at[last - 1], *out = params + shape->weight_at[last];

    net_init(shape, random, params);
    for (uint32_t k = 0; k < inputs; k++)
        high[k] = low[k]; /* both read -z */
    bias[0] = -top / 2;
    bias[1] = top / 2;
    out[0] = 1;
    out[1] = -1;
    params[shape->bias_at[last]] = top;
}

double net_output(const struct net_shape *shape, const double *params, const double *inputs)
{
    double a[NET_MAX_WIDTH], z[NET_MAX_WIDTH];

    memcpy(a, inputs, NET_INPUTS * sizeof(*a));
    for (uint32_t l = 0; l < shape->n_layers; l++) {
        const uint32_t n_in = shape->widths[l], n_out = shape->widths[l + 1];
        const double *w = params + shape->weight_at[l], *b = params + shape->bias_at[l];
        for (uint32_t m = 0; m < n_out; m++) {
            z[m] = b[m];
            for (uint32_t k = 0; k < n_in; k++)
                z[m] += w[(size_t)m * n_in + k] * a[k];
        }
        for (uint32_t m = 0; m < n_out; m++)
            a[m] = z[m] > 0 || l + 1 == shape->n_layers ? z[m] : 0;
    }
    return a[0];
}

bool net_to_plan(const struct net_shape *shape, const double *params, const struct net_inputs *map, const double *std,
                 double gain, struct plan *plan)
{
    plan->scaler = PLAN_SCALER_SUB_DIV;
    for (int i = 0; i < NET_INPUTS; i++) {
        plan->scale_a[i] = (float)map->mean[i];
        plan->scale_b[i] = (float)std[i];
    }
    for (uint32_t l = 0; l < shape->n_layers; l++) {
        const uint32_t n_in = shape->widths[l], n_out = shape->widths[l + 1];
        const double *w = params + shape->weight_at[l], *b = params + shape->bias_at[l];
        const double factor = l + 1 == shape->n_layers ? gain : 1;
        if (plan_add_layer(plan, n_in, n_out))
            return false;
        struct plan_layer *layer = &plan->layers[l];
        layer->relu = l + 1 < shape->n_layers;
        for (uint32_t m = 0; m < n_out; m++) {
            for (uint32_t k = 0; k < n_in; k++) {
                double sum = l ? w[(size_t)m * n_in + k] : 0;
                for (int i = 0; !l && i < NET_INPUTS; i++)
                    sum += w[(size_t)m * n_in + (size_t)i] * map->matrix[i][k] * std[k];
                layer->weights[(size_t)m * n_in + k] = (float)(factor * sum);
            }
            layer->bias[m] = (float)(factor * b[m]);
        }
    }
    return plan_settle(plan);
}
