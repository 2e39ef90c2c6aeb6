#include "commands/mcp.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/json_write.h"
#include "common/message.h"
#include "common/model_path.h"
#include "output/output.h"

/* Bounds for what a client can make us hold: a request with two paths is far below. */
#define LINE_MAX_BYTES (1 << 20)
#define BATCH_MAX 64

enum { PARSE_ERROR = -32700, INVALID_REQUEST = -32600, UNKNOWN_METHOD = -32601, INVALID_PARAMS = -32602 };

/* Revisions of the protocol with the handshake of `initialize`; the last one is offered to others. */
static const char *const protocol_versions[] = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"};
#define N_VERSIONS (sizeof(protocol_versions) / sizeof(protocol_versions[0]))

/* ---- answers ---------------------------------------------------------------------------------------------------- */

static void put_id(struct json_writer *w, const cJSON *id)
{
    if (cJSON_IsNumber(id))
        json_put_format(w, "id", "%.17g", id->valuedouble);
    else
        json_put_text(w, "id", id ? id->valuestring : NULL);
}

static struct json_writer begin_reply(struct mcp *mcp, const cJSON *id)
{
    struct json_writer w = {.stream = mcp->out};
    if (mcp->in_batch)
        fputc(mcp->n_replies ? ',' : '[', mcp->out);
    mcp->n_replies++;
    json_open(&w, NULL, '{', JSON_COMPACT);
    json_put_text(&w, "jsonrpc", "2.0");
    put_id(&w, id);
    return w;
}

static void end_reply(const struct mcp *mcp, struct json_writer *w)
{
    json_close(w);
    if (!mcp->in_batch)
        fputc('\n', mcp->out);
}

void mcp_reply_error(struct mcp *mcp, const cJSON *id, int code, const char *why)
{
    struct json_writer w = begin_reply(mcp, id);
    json_open(&w, "error", '{', JSON_COMPACT);
    json_put_integer(&w, "code", code);
    json_put_text(&w, "message", why);
    json_close(&w);
    end_reply(mcp, &w);
}

void mcp_reply_result(struct mcp *mcp, const cJSON *id, const char *json)
{
    struct json_writer w = begin_reply(mcp, id);
    json_put(&w, "result");
    fputs(json, mcp->out);
    end_reply(mcp, &w);
}

void mcp_reply_text(struct mcp *mcp, const cJSON *id, const char *text, bool is_error)
{
    struct json_writer w = begin_reply(mcp, id);
    json_open(&w, "result", '{', JSON_COMPACT);
    json_open(&w, "content", '[', JSON_COMPACT);
    json_open(&w, NULL, '{', JSON_COMPACT);
    json_put_text(&w, "type", "text");
    json_put_text(&w, "text", text);
    json_close(&w);
    json_close(&w);
    json_put_bool(&w, "isError", is_error);
    json_close(&w);
    end_reply(mcp, &w);
}

/* ---- methods ---------------------------------------------------------------------------------------------------- */

static void initialize(struct mcp *mcp, const cJSON *id, const cJSON *params)
{
    const cJSON *asked = cJSON_GetObjectItemCaseSensitive(params, "protocolVersion");
    const char *version = protocol_versions[N_VERSIONS - 1];
    if (!cJSON_IsString(asked)) {
        mcp_reply_error(mcp, id, INVALID_PARAMS, "protocolVersion is missing; a string was expected");
        return;
    }
    for (size_t i = 0; i < N_VERSIONS; i++)
        if (!strcmp(asked->valuestring, protocol_versions[i]))
            version = protocol_versions[i];
    struct json_writer w = begin_reply(mcp, id);
    json_open(&w, "result", '{', JSON_COMPACT);
    json_put_text(&w, "protocolVersion", version);
    json_put(&w, "capabilities");
    fputs("{\"tools\":{}}", mcp->out);
    json_open(&w, "serverInfo", '{', JSON_COMPACT);
    json_put_text(&w, "name", "vkvmaf");
    json_put_text(&w, "version", vkv_version());
    json_close(&w);
    json_close(&w);
    end_reply(mcp, &w);
}

static void ping(struct mcp *mcp, const cJSON *id, const cJSON *params)
{
    (void)params;
    mcp_reply_result(mcp, id, "{}");
}

static void list_tools(struct mcp *mcp, const cJSON *id, const cJSON *params)
{
    (void)params;
    mcp_reply_result(mcp, id, mcp_score_description);
}

static void call_tool(struct mcp *mcp, const cJSON *id, const cJSON *params)
{
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(params, "name");
    const cJSON *arguments = cJSON_GetObjectItemCaseSensitive(params, "arguments");
    if (!cJSON_IsString(name) || strcmp(name->valuestring, MCP_SCORE))
        mcp_reply_error(mcp, id, INVALID_PARAMS, "there is no such tool; " MCP_SCORE " was expected as its name");
    else if (arguments && !cJSON_IsObject(arguments))
        mcp_reply_error(mcp, id, INVALID_PARAMS, "arguments must be an object");
    else
        mcp_score_call(mcp, id, arguments);
}

static const struct method {
    const char *name;
    void (*call)(struct mcp *mcp, const cJSON *id, const cJSON *params);
} methods[] = {{"initialize", initialize}, {"ping", ping}, {"tools/list", list_tools}, {"tools/call", call_tool}};

/* ---- messages --------------------------------------------------------------------------------------------------- */

static bool is_id(const cJSON *id)
{
    return cJSON_IsString(id) || (cJSON_IsNumber(id) && isfinite(id->valuedouble));
}

static void handle_request(struct mcp *mcp, const cJSON *id, const char *name, const cJSON *params)
{
    if (params && !cJSON_IsObject(params)) {
        mcp_reply_error(mcp, id, INVALID_PARAMS, "params must be an object");
        return;
    }
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (!strcmp(name, methods[i].name)) {
            methods[i].call(mcp, id, params);
            return;
        }
    mcp_reply_error(mcp, id, UNKNOWN_METHOD, "there is no such method");
}

static void handle_message(struct mcp *mcp, const cJSON *message)
{
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(message, "jsonrpc");
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(message, "id");
    const cJSON *method = cJSON_GetObjectItemCaseSensitive(message, "method");
    if (!cJSON_IsObject(message) || !cJSON_IsString(version) || strcmp(version->valuestring, "2.0"))
        mcp_reply_error(mcp, NULL, INVALID_REQUEST, "an object with \"jsonrpc\": \"2.0\" was expected");
    else if (id && !is_id(id))
        mcp_reply_error(mcp, NULL, INVALID_REQUEST, "id must be a string or a number");
    else if (cJSON_IsString(method) && id)
        handle_request(mcp, id, method->valuestring, cJSON_GetObjectItemCaseSensitive(message, "params"));
    else if (!cJSON_IsString(method) && !cJSON_GetObjectItemCaseSensitive(message, "result") &&
             !cJSON_GetObjectItemCaseSensitive(message, "error"))
        mcp_reply_error(mcp, id, INVALID_REQUEST, "method is missing; a string was expected");
    /* The rest needs no answer: notifications, and responses, though we ask nothing. */
}

static void handle_batch(struct mcp *mcp, const cJSON *batch)
{
    const cJSON *message;
    const int n = cJSON_GetArraySize(batch);
    if (n < 1 || n > BATCH_MAX) {
        mcp_reply_error(mcp, NULL, INVALID_REQUEST, "a batch has 1 to 64 messages");
        return;
    }
    mcp->in_batch = true;
    mcp->n_replies = 0;
    cJSON_ArrayForEach(message, batch)
        handle_message(mcp, message);
    if (mcp->n_replies)
        fputs("]\n", mcp->out);
    mcp->in_batch = false;
}

static bool is_blank(const char *text, const char *end)
{
    while (text < end && strchr(" \t\r\n", *text) && *text)
        text++;
    return text == end;
}

static void handle_line(struct mcp *mcp, const char *line, size_t n)
{
    const char *end = NULL;
    if (is_blank(line, line + n))
        return;
    cJSON *message = cJSON_ParseWithLengthOpts(line, n, &end, false);
    if (!message || !is_blank(end, line + n))
        mcp_reply_error(mcp, NULL, PARSE_ERROR, "the line is not JSON");
    else if (cJSON_IsArray(message))
        handle_batch(mcp, message);
    else
        handle_message(mcp, message);
    cJSON_Delete(message);
}

/* Reads a line without its line feed. Returns its length, SIZE_MAX at the end of `in`, and more than LINE_MAX_BYTES for
 * one that is too long, which is passed over. */
static size_t read_line(FILE *in, char *line)
{
    size_t n = 0;
    int c;
    while ((c = getc(in)) != EOF && c != '\n') {
        if (n < LINE_MAX_BYTES)
            line[n] = (char)c;
        n += n <= LINE_MAX_BYTES;
    }
    return c == EOF && !n ? SIZE_MAX : n;
}

int mcp_serve(struct mcp *mcp, FILE *in)
{
    char *line = malloc(LINE_MAX_BYTES);
    size_t n;
    if (!line)
        return message_no_memory("for a request");
    while (!ferror(mcp->out) && (n = read_line(in, line)) != SIZE_MAX) {
        if (n > LINE_MAX_BYTES)
            mcp_reply_error(mcp, NULL, PARSE_ERROR, "the line is longer than 1 MiB");
        else
            handle_line(mcp, line, n);
        fflush(mcp->out);
    }
    free(line);
    if (!ferror(mcp->out))
        return 0;
    message_line("standard output cannot be written");
    return -1;
}

/* ---- the command ------------------------------------------------------------------------------------------------ */

static int add_root(struct mcp *mcp, const char *folder, const char *where)
{
    char *real = mcp->n_roots < MCP_ROOTS_MAX ? realpath(folder, NULL) : NULL;
    if (real) {
        mcp->roots[mcp->n_roots++] = real;
        return 0;
    }
    message_line("%s: the folder \"%s\" cannot be used: %s", where, folder,
                 mcp->n_roots < MCP_ROOTS_MAX ? strerror(errno) : "there are too many");
    return -1;
}

/* The colon-separated list in the environment. */
static int add_listed_roots(struct mcp *mcp, const char *variable)
{
    const char *value = getenv(variable);
    char *list = strdup(value ? value : ""), *rest = list;
    int failed = list ? 0 : -1;
    for (char *folder; !failed && (folder = strtok_r(rest, ":", &rest));)
        failed = add_root(mcp, folder, variable);
    free(list);
    return failed;
}

static int find_roots(struct mcp *mcp)
{
    struct model_folders folders;
    for (unsigned i = 0; i < mcp->settings->n_roots; i++)
        if (add_root(mcp, mcp->settings->roots[i], "--root"))
            return -1;
    if (add_listed_roots(mcp, "VKVMAF_MCP_ROOTS"))
        return -1;
    if (!mcp->n_roots) {
        message_line("no folder that videos may be read from; give --root DIR, or VKVMAF_MCP_ROOTS");
        return -1;
    }
    model_path_folders(mcp->settings->job.measure.tiny.models_dir, &folders);
    for (size_t i = 0; i < folders.n; i++)
        if (!access(folders.names[i], X_OK) && add_root(mcp, folders.names[i], "models"))
            return -1;
    return 0;
}

int mcp_command(const struct settings *settings)
{
    struct mcp mcp = {.settings = settings};
    signal(SIGPIPE, SIG_IGN);
    int failed = find_roots(&mcp);
    /* Drivers print to standard output; it is put aside, since nothing may come between the answers. */
    const int fd = failed ? -1 : dup(STDOUT_FILENO);
    mcp.out = fd >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 ? fdopen(fd, "w") : NULL;
    if (!failed && !mcp.out) {
        message_line("standard output cannot be used: %s", strerror(errno));
        failed = -1;
    }
    if (!failed)
        failed = mcp_serve(&mcp, stdin);
    if (mcp.out)
        fclose(mcp.out);
    for (size_t i = 0; i < mcp.n_roots; i++)
        free(mcp.roots[i]);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
