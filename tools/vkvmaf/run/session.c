#include "run/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/message.h"

struct session_model {
    struct session_model *next;
    char *key; /* the words that it was asked for by */
    bool is_open;
    vkv_model *model; /* NULL where the default model is nowhere */
};

int session_device(struct session *session, const struct device_request *request, vkv_device **device)
{
    if (!session->device && device_open(request, &session->device))
        return -1;
    *device = session->device;
    return 0;
}

static int lend(const struct device_request *request, struct shared_device *shared, vkv_device **device)
{
    char cache[DEVICE_CACHE_ROOM];
    const vkv_device_params params = device_params(request, cache);
    const unsigned errors = message_log_errors();
    return library_result(shared_lend(shared, &params, device), "vkv_device_open_vulkan", errors);
}

int session_lend(struct session *session, const struct device_request *request, vkv_device **device)
{
    if (!session->device) {
        if (lend(request, session->shared, &session->device))
            return -1;
        session->is_lent = true;
    }
    *device = session->device;
    return 0;
}

struct shared_device *session_shared(struct session *session, const char *name)
{
    const bool is_same = !name == !session->shared_name && (!name || !strcmp(name, session->shared_name));
    if (session->shared || session->device)
        return is_same ? session->shared : NULL;
    session->shared_name = name;
    return session->shared = shared_open(name);
}

/* A device that fails is lost for both. */
void session_drop_device(struct session *session)
{
    vkv_device_close(&session->device);
    shared_close(&session->shared);
    session->is_lent = false;
}

/* The texts, each with its length, so that no two lists give one key. To be freed; NULL when there is no memory. */
static char *make_key(const char *kind, const char *const *texts, size_t n)
{
    char *key = NULL;
    size_t bytes;
    FILE *file = open_memstream(&key, &bytes);
    if (!file)
        return NULL;
    fputs(kind, file);
    for (size_t i = 0; i < n; i++)
        if (texts[i])
            fprintf(file, " %zu %s", strlen(texts[i]), texts[i]);
        else
            fputs(" -", file);
    const bool lost = ferror(file);
    if (!fclose(file) && !lost)
        return key;
    free(key);
    return NULL;
}

/* The model of that key, new or not. Takes `key`. NULL after a message when there is no memory. */
static struct session_model *get_model(struct session *session, char *key)
{
    struct session_model *model = key ? session->models : NULL;
    while (model && strcmp(model->key, key))
        model = model->next;
    if (!model && key && (model = calloc(1, sizeof(*model)))) {
        *model = (struct session_model){.next = session->models, .key = key};
        session->models = model;
        return model;
    }
    free(key);
    if (!model)
        message_no_memory("for the models");
    return model;
}

int session_model(struct session *session, const struct model_request *request, bool neg, vkv_model **model)
{
    const char *const texts[] = {request->model, request->registry, request->models_dir, request->verify_key,
                                 request->root};
    char kind[32];
    snprintf(kind, sizeof(kind), "tiny %u %d %d", (unsigned)request->quant, request->verify, neg);
    struct session_model *entry = get_model(session, make_key(kind, texts, sizeof(texts) / sizeof(texts[0])));
    if (!entry || (!entry->is_open && model_open(request, neg, &entry->model)))
        return -1;
    entry->is_open = true;
    *model = entry->model;
    return 0;
}

static int open_svm(const struct svm_request *request, vkv_model **model)
{
    struct svm_place *place = malloc(sizeof(*place));
    vkv_model_params params;
    int failed = -1;
    if (!place)
        message_no_memory("for the models");
    else if (svm_path_find(request, &params, place))
        message_line("%s", place->error);
    else {
        params.log = (vkv_log){.fn = message_log};
        const unsigned errors = message_log_errors();
        failed = library_result(vkv_model_open(&params, model), "vkv_model_open", errors);
    }
    free(place);
    return failed;
}

int session_svm(struct session *session, const char *argument, const struct svm_request *request, vkv_model **model)
{
    struct session_model *entry = get_model(session, make_key("svm", &argument, 1));
    if (!entry || (!entry->is_open && open_svm(request, &entry->model)))
        return -1;
    entry->is_open = true;
    *model = entry->model;
    return 0;
}

void session_close(struct session *session)
{
    session_drop_device(session);
    while (session->models) {
        struct session_model *const model = session->models;
        session->models = model->next;
        vkv_model_close(&model->model);
        free(model->key);
        free(model);
    }
}
