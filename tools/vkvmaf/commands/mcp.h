/* `vkvmaf mcp`: a server of the Model Context Protocol on standard input and output, with one tool, vmaf_score.
 *
 * mcp.c reads requests (JSON-RPC 2.0, one line each) and answers them in order; mcp_score.c is the tool. */
#ifndef VKVMAF_MCP_H
#define VKVMAF_MCP_H

#include <cjson/cJSON.h>

#include "cli/cli_parse.h"

/* Roots of the command line, roots of the environment, and the folders of models. */
#define MCP_ROOTS_MAX (2 * CLI_ROOTS_MAX + 2)

struct mcp {
    const struct settings *settings;
    FILE *out;
    bool in_batch;              /* replies are members of an array */
    size_t n_replies;           /* in this batch */
    char *roots[MCP_ROOTS_MAX]; /* real paths: files are read below these only */
    size_t n_roots;
};

/* Returns the exit status. */
int mcp_command(const struct settings *settings);

/* Serves requests until the end of `in`. Returns 0, or -1 when `out` cannot be written. */
int mcp_serve(struct mcp *mcp, FILE *in);

/* One answer. `id` NULL: that of a request which could not be read. `json`: a value. `text`: a tool's result. */
void mcp_reply_error(struct mcp *mcp, const cJSON *id, int code, const char *why);
void mcp_reply_result(struct mcp *mcp, const cJSON *id, const char *json);
void mcp_reply_text(struct mcp *mcp, const cJSON *id, const char *text, bool is_error);

/* mcp_score.c. The tool's name, its description for tools/list, and a call: `arguments` is an object or NULL. */
#define MCP_SCORE "vmaf_score"
extern const char mcp_score_description[];
void mcp_score_call(struct mcp *mcp, const cJSON *id, const cJSON *arguments);

#endif
