/* The tool vmaf_score: its arguments become a command line, which is parsed and run like any other. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "run/job.h"
#include "commands/mcp.h"
#include "common/json_text.h"
#include "common/message.h"
#include "common/model_path.h"

const char mcp_score_description[] =
    "{\"tools\":[{\"name\":\"" MCP_SCORE "\",\"title\":\"VMAF score\",\"description\":\"Scores a distorted video "
    "against its reference. Returns a JSON report: VMAF's features of every frame and pooled, the score of a small "
    "neural network or of a model of libvmaf from 0 (worst) to 100, and the device that computed them. Its notes say "
    "what was converted to make the videos comparable.\",\"inputSchema\":{\"type\":\"object\",\"properties\":{"
    "\"ref\":{\"type\":\"string\",\"description\":\"path of the reference video\"},"
    "\"dis\":{\"type\":\"string\",\"description\":\"path of the distorted video\"},"
    "\"width\":{\"type\":\"integer\",\"minimum\":17,\"maximum\":32768,\"description\":\"luma samples; needed for raw "
    "video\"},"
    "\"height\":{\"type\":\"integer\",\"minimum\":17,\"maximum\":32768,\"description\":\"luma samples; needed for raw "
    "video\"},"
    "\"pixfmt\":{\"type\":\"string\",\"enum\":[\"420\",\"422\",\"444\"],\"description\":\"needed for raw video\"},"
    "\"bitdepth\":{\"type\":\"integer\",\"minimum\":8,\"maximum\":16,\"description\":\"needed for raw video\"},"
    "\"backend\":{\"type\":\"string\",\"enum\":[\"auto\",\"vulkan\",\"cpu\"],\"description\":\"auto: the server's "
    "choice; vulkan: a Vulkan device; cpu: the slow reference, with equal results\"},"
    "\"precision\":{\"type\":\"string\",\"enum\":[\"6\",\"17\"],\"description\":\"digits: 6 like libvmaf, or 17 "
    "(default), which gives every double back\"},"
    "\"tiny_model\":{\"type\":\"string\",\"description\":\"the network: an id such as vmaf_tiny_v2 (default), the path "
    "of an ONNX file, or none; with model there is none by default\"},"
    "\"model\":{\"type\":\"string\",\"description\":\"a model of libvmaf, version=vmaf_v0.6.1 for example, in the "
    "words of libvmaf's --model\"},"
    "\"view\":{\"type\":\"string\",\"enum\":[\"1080p\",\"2160p\",\"phone\",\"tv\"],\"description\":\"the model of VMAF "
    "v1 for how the video is watched, in place of tiny_model and model: 1080p from 3 heights away, 2160p from 1.5, a "
    "phone from 5, or a tv of 2160p from 3\"},"
    "\"hfr\":{\"type\":\"string\",\"enum\":[\"on\",\"off\"],\"description\":\"whether view takes the model's form for "
    "high frame rates; by default from 48 frames per second on\"},"
    "\"scale_to\":{\"type\":\"string\",\"description\":\"scales both videos before they are compared: to 1280x720 for "
    "example, or to fill a display of 1080p or 2160p, as view assumes\"}"
    "},\"required\":[\"ref\",\"dis\"],\"additionalProperties\":false},"
    "\"annotations\":{\"readOnlyHint\":true,\"idempotentHint\":true,\"openWorldHint\":false}}]}";

#define NOT_ALLOWED "%s is no file below the folders that this server may read: \"%s\""

enum kind { WORD, NUMBER, VIDEO_FILE, TINY_MODEL, LIBVMAF_MODEL, BACKEND };

static const struct argument {
    const char *name;
    char *option;
    enum kind kind;
    bool required;
} arguments[] = {
    {"ref", "--reference", VIDEO_FILE, true},
    {"dis", "--distorted", VIDEO_FILE, true},
    {"width", "--width", NUMBER, false},
    {"height", "--height", NUMBER, false},
    {"pixfmt", "--pixel_format", WORD, false},
    {"bitdepth", "--bitdepth", NUMBER, false},
    {"backend", NULL, BACKEND, false},
    {"precision", "--precision", WORD, false},
    {"tiny_model", "--tiny_model", TINY_MODEL, false},
    {"model", "--model", LIBVMAF_MODEL, false},
    {"view", "--view", WORD, false},
    {"hfr", "--hfr", WORD, false},
    {"scale_to", "--scale-to", WORD, false},
};
#define N_ARGUMENTS (sizeof(arguments) / sizeof(arguments[0]))

struct call {
    const struct mcp *mcp;
    struct settings settings;
    int argc;
    char *argv[1 + 2 * N_ARGUMENTS];
    char *owned[N_ARGUMENTS]; /* those of argv that are freed */
    size_t n_owned;
};

static bool is_below(const char *path, const char *root)
{
    const size_t n = strlen(root);
    return !strncmp(path, root, n) && (path[n] == '/' || (n && root[n - 1] == '/'));
}

/* The real path of a regular file below one of the roots, to be freed; NULL for all else, so that nothing can be
 * learned of what lies outside. *root: the folder, or may be NULL. */
static char *resolve(const struct mcp *mcp, const char *path, const char **root)
{
    struct stat st;
    char *real = realpath(path, NULL);
    for (size_t i = 0; real && i < mcp->n_roots; i++)
        if (is_below(real, mcp->roots[i]) && !stat(real, &st) && S_ISREG(st.st_mode)) {
            if (root)
                *root = mcp->roots[i];
            return real;
        }
    free(real);
    return NULL;
}

/* libvmaf's words for a model, in which the file is a real path; a bare name is a version. To be freed; NULL after a
 * message. */
static char *libvmaf_model(const struct mcp *mcp, const char *words)
{
    static const char path[] = "path=";
    char *copy = strdup(words), *text = NULL, *word = copy;
    size_t n = 0;
    bool refused = false;
    FILE *file = copy ? open_memstream(&text, &n) : NULL;
    if (file && !strpbrk(words, ":=") && strcmp(words, "disable_clip") && strcmp(words, "enable_transform"))
        fputs("version=", file);
    while (file && word && !refused) {
        char *next = strchr(word, ':');
        if (next)
            *next++ = 0;
        const bool is_path = !strncmp(word, path, strlen(path));
        char *real = is_path ? resolve(mcp, word + strlen(path), NULL) : NULL;
        refused = is_path && (!real || strchr(real, ':'));
        fprintf(file, "%s%s%s", is_path ? path : "", is_path && real ? real : word, next ? ":" : "");
        free(real);
        word = next;
    }
    if (refused)
        message_line(NOT_ALLOWED, "model", words);
    else if (!file)
        message_no_memory("for the argument model");
    if (file && (fclose(file) || refused)) {
        free(text);
        text = NULL;
    }
    free(copy);
    return text;
}

static int set_backend(struct call *call, const char *backend)
{
    struct device_request *device = &call->settings.job.device;
    const bool device_is_cpu = device->select && !strcmp(device->select, "cpu");
    if (!strcmp(backend, "cpu"))
        device->select = "cpu";
    else if (!strcmp(backend, "vulkan"))
        device->select = device_is_cpu ? NULL : device->select;
    else if (strcmp(backend, "auto")) {
        message_line("backend is \"%s\"; auto, vulkan or cpu was expected", backend);
        return -1;
    }
    return 0;
}

/* The text of an argument's value for the command line, to be freed; NULL after a message. */
static char *value_text(struct call *call, const struct argument *argument, const cJSON *value)
{
    char number[32], *text = NULL;
    if (argument->kind == NUMBER) {
        if (!cJSON_IsNumber(value) || !(fabs(value->valuedouble) <= INT32_MAX) ||
            value->valuedouble != trunc(value->valuedouble)) {
            message_line("%s must be a whole number", argument->name);
            return NULL;
        }
        snprintf(number, sizeof(number), "%.0f", value->valuedouble);
        text = strdup(number);
    } else if (!cJSON_IsString(value)) {
        message_line("%s must be a string", argument->name);
        return NULL;
    } else if (argument->kind == VIDEO_FILE ||
               (argument->kind == TINY_MODEL && model_path_is_path(value->valuestring))) {
        text = resolve(call->mcp, value->valuestring,
                       argument->kind == TINY_MODEL ? &call->settings.job.measure.tiny.root : NULL);
        if (!text)
            message_line(NOT_ALLOWED, argument->name, value->valuestring);
        return text;
    } else if (argument->kind == LIBVMAF_MODEL) {
        return libvmaf_model(call->mcp, value->valuestring);
    } else {
        text = strdup(value->valuestring);
    }
    if (!text)
        message_no_memory("for the argument %s", argument->name);
    return text;
}

static int take_argument(struct call *call, const struct argument *argument, const cJSON *value)
{
    char *text = value_text(call, argument, value);
    if (!text)
        return -1;
    call->owned[call->n_owned++] = text;
    if (argument->kind == BACKEND)
        return set_backend(call, text);
    call->argv[call->argc++] = argument->option;
    call->argv[call->argc++] = text;
    return 0;
}

static int check_names(const cJSON *given)
{
    const cJSON *value;
    cJSON_ArrayForEach(value, given) {
        size_t i = 0;
        while (i < N_ARGUMENTS && strcmp(arguments[i].name, value->string))
            i++;
        if (i < N_ARGUMENTS && cJSON_GetObjectItemCaseSensitive(given, value->string) == value)
            continue;
        message_line("the argument \"%s\" is %s", value->string, i < N_ARGUMENTS ? "given twice" : "not known");
        return -1;
    }
    return 0;
}

/* A view's score takes the place of the tiny one, which options of the server are about. */
static void forget_tiny_models(struct call *call)
{
    call->settings.job.measure.tiny = (struct model_request){.model = NULL};
}

static int parse_call(struct call *call, const cJSON *given)
{
    if (check_names(given))
        return -1;
    if (cJSON_GetObjectItemCaseSensitive(given, "view"))
        forget_tiny_models(call);
    for (size_t i = 0; i < N_ARGUMENTS; i++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(given, arguments[i].name);
        if (!value && arguments[i].required) {
            message_line("the argument \"%s\" is missing", arguments[i].name);
            return -1;
        }
        if (value && take_argument(call, &arguments[i], value))
            return -1;
    }
    return cli_parse_options(call->argc, call->argv, &call->settings);
}

/* The log of the call, to be freed; NULL after a message. */
static char *score(const struct job_request *job, struct session *session)
{
    struct score_log log;
    char *text = NULL;
    size_t n = 0;
    struct job_groups groups;
    if (job_run(job, session, &log, &groups))
        return NULL;
    FILE *file = open_memstream(&text, &n);
    if (file)
        json_write_log(file, &log, &log.encodes[0], (struct log_style){job->output.precision, true, true});
    const bool lost = !file || ferror(file);
    score_log_free(&log);
    if ((!file || !fclose(file)) && !lost)
        return text;
    message_no_memory("for the log");
    free(text);
    return NULL;
}

/* {"error": "..."} with the line that said why. */
static void reply_failure(struct mcp *mcp, const cJSON *id)
{
    char line[MESSAGE_ROOM], *text = NULL;
    size_t n = 0;
    FILE *file = open_memstream(&text, &n);
    message_last(line);
    if (file) {
        fputs("{\"error\": ", file);
        json_text_write(file, line, false);
        fputc('}', file);
    }
    const bool lost = !file || fclose(file);
    mcp_reply_text(mcp, id, lost ? "{\"error\": \"out of memory\"}" : text, true);
    free(text);
}

void mcp_score_call(struct mcp *mcp, const cJSON *id, const cJSON *given)
{
    struct call call = {.mcp = mcp, .settings = *mcp->settings, .argc = 1, .argv = {"vkvmaf"}};
    call.settings.command = COMMAND_SCORE;
    call.settings.job.output.precision = PRECISION_EXACT;
    call.settings.job.output.extra_fields = EXTRA_ON;
    call.settings.job.quiet = true;
    message_forget();
    struct session session = {.device = NULL};
    char *text = parse_call(&call, given) ? NULL : score(&call.settings.job, &session);
    session_close(&session);
    if (text)
        mcp_reply_text(mcp, id, text, false);
    else
        reply_failure(mcp, id);
    free(text);
    for (size_t i = 0; i < call.n_owned; i++)
        free(call.owned[i]);
}
