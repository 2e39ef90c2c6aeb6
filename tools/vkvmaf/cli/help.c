#include "cli/help.h"

#include <stdbool.h>
#include <string.h>

#include "vkvmaf/vkvmaf.h"

/* The text before and behind the families of features, which the library lists. */
static const char help_begin[] =
    "vkvmaf scores a distorted video against its reference with VMAF's features, on any device with Vulkan 1.1.\n"
    "\n"
    "  vkvmaf -r REFERENCE -d DISTORTED [options]     score\n"
    "  vkvmaf --batch FILE [options]                  score many pairs\n"
    "  vkvmaf verify [--device D]                     compare a device with known answers\n"
    "  vkvmaf bench [--device D] [--size WxH]         measure frames per second\n"
    "  vkvmaf device-report [--device D] -o FILE      all that is worth knowing of a device, in a file to send\n"
    "  vkvmaf mcp --root DIR                          serve the Model Context Protocol\n"
    "  vkvmaf models                                  list the models that are found, and where\n"
    "  vkvmaf models install                          get libvmaf's models, with pip, for this user\n"
    "  vkvmaf run [--device D] -- PROGRAM [ARG]...    run a program that loads libvmaf, such as ffmpeg, on vkvmaf\n"
    "  vkvmaf --list-devices                          what there is to run on\n"
    "  vkvmaf --list-features                         what --feature takes\n"
    "  vkvmaf help [verify|bench|...]                 this text, or what belongs to a command\n"
    "\n"
    "Input: any video that FFmpeg opens, y4m, or raw planar video with -w -h -p -b. \"-\" is standard input;\n"
    "fr%04d.png is a sequence of pictures.\n"
    "  -r, --reference FILE        the original\n"
    "  -d, --distorted FILE        what is scored; up to 16 encodes, each with its own -d\n"
    "  -w, --width N               raw video: width of the luma plane\n"
    "  -h, --height N              raw video: height of the luma plane\n"
    "  -p, --pixel_format F        raw video: 420, 422 or 444\n"
    "  -b, --bitdepth N            raw video: 8 to 16; bench: of the frames (8)\n"
    "      --frame_cnt N           stop after N frames; 0: at the end\n"
    "      --no-scale              refuse a distorted video of another size (else it is scaled, bicubic)\n"
    "      --scale-to S            scale all videos, bicubic: to WxH, or to fill a display of 1080p or 2160p\n"
    "      --damaged MODE          damaged pictures, cut files: refuse (the default), skip the pairs of such\n"
    "                              pictures, or conceal: score what the decoder makes up\n"
    "      --hwaccel KIND          decode by a device that FFmpeg knows: vulkan, vaapi, cuda, ..., auto, or none (the\n"
    "                              default); what it cannot decode is decoded in software, and a note says so\n"
    "      --hwaccel-device D      which one, in FFmpeg's words: /dev/dri/renderD129, 1\n"
    "      --stretch               scale also where the shapes of the pictures differ (else refused)\n"
    "      --crop W:H:X:Y|auto     compare only this part of the reference's picture, or what its black bars "
    "leave;\n"
    "                              video that has the size already is left alone\n"
    "      --crop-ref C, --crop-dist C\n"
    "                              the same for one side, in its own samples\n"
    "      --no-autorotate         compare pictures as they are stored, not turned as they are shown\n"
    "      --offset-ref N          pass over the reference's first N frames; --offset-dist N: the distorted's\n"
    "      --frame_skip_ref N, --frame_skip_dist N: the same\n"
    "      --stream-ref N          which video stream of the reference's file, counted from 0; --stream-dist N: "
    "of\n"
    "                              the distorted's (else the one that ffmpeg would take)\n"
    "      --start T               begin T seconds later in both, or T frames: 250f\n"
    "      --duration T            stop after T seconds, or frames\n"
    "      --pair auto|time|index  compare frames of one time, or frame N with frame N; auto: by time where\n"
    "                              both have time stamps that disagree\n"
    "      --sync[=N]              find the offset between the videos, up to N frames (60)\n"
    "      --batch FILE            a job per line of FILE (-: standard input): options as here, quoted as in\n"
    "                              a shell, added to those of the command line; '#' begins a comment. Device,\n"
    "                              models and start-up are shared. A job that fails stops no other\n"
    "\n"
    "Scores\n"
    "  -m, --model WORD[:WORD]...  libvmaf's score, once or more often: version=NAME (looked up in\n"
    "                              $VKVMAF_LIBVMAF_MODELS and the usual folders) or path=FILE, name=NAME in the\n"
    "                              log, disable_clip, enable_transform, FEATURE.OPTION=VALUE such as\n"
    "                              cambi.enc_bitdepth=8. No tiny model then, unless one is named\n"
    "      --view V                VMAF v1 by how it is watched, in place of the tiny model: 1080p (3 heights away),\n"
    "                              2160p (1.5), phone (1080p, 5) or tv (2160p, 3); from 48 frames/s on the form of\n"
    "                              the model for such rates\n"
    "      --hfr on|off            that form, whatever the frame rate, or the usual one\n"
    "      --feature NAME[=K=V]    also ";
static const char help_end[] =
    "      --subsample N           log and pool every Nth frame only; motion still sees all\n"
    "  -n, --no_prediction         features only\n"
    "      --tiny-model PATH|ID    the score: an ONNX file, an id such as vmaf_tiny_v2 (the default), or none\n"
    "      --tiny-quant Q          auto (as the registry says), fp32 or int8\n"
    "      --tiny-registry FILE    the registry that ids belong to\n"
    "      --tiny-model-verify[=PUBKEY.pem]\n"
    "                              require a signed registry, or without a key a bundle that cosign accepts\n"
    "      --models-dir DIR        where ids are looked up (else $VKVMAF_MODELS, else the installed models)\n"
    "      --neg                   no credit for enhancement (both gain limits 1.0); as vmaf: vmaf_v0.6.1neg\n"
    "\n"
    "Output: a summary on standard output, and on request a log.\n"
    "      --xml --json --csv --sub\n"
    "                              the log's format (XML); without -o the log replaces the summary\n"
    "  -o, --output FILE           where the log goes; \"-\" is standard output. {name} or {index} in it\n"
    "                              makes one of each encode; not of reports\n"
    "      --report FILE           a page for a browser: charts, worst frames, table. Of a batch each line\n"
    "                              names its own\n"
    "      --extra-fields on|off   what libvmaf's logs don't have: device, percentiles, the default tiny model\n"
    "                              (on; off with --model and when called as vmaf)\n"
    "      --precision 6|17        digits in the log: libvmaf's %.6f (6), or round-trip (17)\n"
    "  -q, --quiet                 no summary, no progress; with -o no scores on standard error\n"
    "      --verbose               what the library has to say\n"
    "\n"
    "Device\n"
    "      --device D              index, uuid, part of the name, or cpu (the slow reference)\n"
    "      --form F                auto, portable, texel, narrow or unrolled: forms of the same kernels\n"
    "      --validation            with Vulkan's validation layer; any message of it is a failure\n"
    "\n"
    "Bench\n"
    "      --size WxH              of the frames (1920x1080)\n"
    "      --streams K             distorted pictures per reference (1)\n"
    "      --frames N              measured frames (default: as many as take a second or more)\n"
    "  A stage's share of int32/s: if each instruction counted for AMD took one slot of the rate that the int32\n"
    "  micro-benchmark reached in the same run; of GB/s: if each byte it must touch moved once, as in a copy.\n"
    "\n"
    "libvmaf\n"
    "      --install-alias DIR     make the link DIR/vmaf; called so, this tool is libvmaf's: vmaf_v0.6.1\n"
    "                              unless a --model is given, no log without -o, no summary, exit codes 1, 255\n"
    "      --threads N, --cpumask N, --gpumask N\n"
    "                              accepted and without effect: the device does the work\n"
    "      --aom_ctc, --nflx_ctc   refused: most of their features are not computed\n"
    "\n"
    "Device report\n"
    "      --budget SECONDS        the time that it may take (840); the file says what did not fit\n"
    "  Known answers, made pairs against the CPU reference, frames per second with stages, limits, memory, times of\n"
    "  compiling. A part that crashes or takes too long ends alone.\n"
    "\n"
    "Run: libvmaf.so.3 of vkvmaf in the place of libvmaf's, also for what the program starts.\n"
    "      --force                 whatever the program, or the ffmpeg in PATH, would load\n"
    "\n"
    "MCP: the tool vmaf_score, by JSON-RPC on standard input and output.\n"
    "      --root DIR              a folder that videos may be read from; also $VKVMAF_MCP_ROOTS\n"
    "\n"
    "      --help, -v/--version\n";

/* ---- the families of features ----------------------------------------------------------------------------------- */

#define COLUMN 30 /* column where the text of an option begins */
#define WIDTH 104
#define FAMILIES_ROOM 4096

/* "adm (adm_enhn_gain_limit), motion (debug) or psnr (enable_chroma, enable_mse); ..." */
static void list_families(char *text, size_t room)
{
    uint32_t n;
    const vkv_family_info *const *const families = vkv_family_list(&n);
    size_t used = 0;
    *text = 0;
    for (uint32_t f = 0; f < n && used < room; f++) {
        const char *const before = !f ? "" : f + 1 < n ? ", " : " or ";
        used += (size_t)snprintf(text + used, room - used, "%s%s", before, families[f]->name);
        for (uint32_t i = 0; i < families[f]->n_options && used < room; i++)
            used += (size_t)snprintf(text + used, room - used, "%s%s%s", i ? ", " : " (", families[f]->options[i]->name,
                                     i + 1 < families[f]->n_options ? "" : ")");
    }
    if (used < room)
        snprintf(text + used, room - used, "; options are separated by ':'");
}

/* Appends words in lines of the help's width. */
static void append_words(char *to, size_t room, const char *words)
{
    size_t used = strlen(to), column = COLUMN + strlen("also ");
    for (const char *word = words; *word; word += strspn(word, " ")) {
        const size_t n = strcspn(word, " ");
        if (column + n > WIDTH) {
            used += (size_t)snprintf(to + used, room - used, "\n%*s", COLUMN, "");
            column = COLUMN;
        } else if (word != words) {
            used += (size_t)snprintf(to + used, room - used, " ");
            column++;
        }
        used += (size_t)snprintf(to + used, room - used, "%.*s", (int)n, word);
        column += n;
        word += n;
    }
    snprintf(to + used, room - used, "\n");
}

/* The whole text; valid until the next call. */
static const char *help_text(void)
{
    static char text[sizeof(help_begin) + FAMILIES_ROOM + sizeof(help_end)];
    char families[FAMILIES_ROOM / 2];
    list_families(families, sizeof(families));
    strcpy(text, help_begin);
    append_words(text, sizeof(help_begin) + FAMILIES_ROOM, families);
    strcat(text, help_end);
    return text;
}

/* ---- what belongs to a command ---------------------------------------------------------------------------------- */

static size_t indent_of(const char *line)
{
    return strspn(line, " ");
}

/* Whether a line begins what is said of options, and whether one of them belongs to the command. */
static bool begins_option(const char *line, bool *is_wanted, enum command command)
{
    const size_t indent = indent_of(line), n_line = strcspn(line, "\n");
    if ((indent != 2 && indent != 6) || line[indent] != '-')
        return false;
    *is_wanted = false;
    for (const char *at = strstr(line, "--"); at && at < line + n_line; at = strstr(at + 2, "--")) {
        const size_t n = strspn(at + 2, "abcdefghijklmnopqrstuvwxyz_-");
        *is_wanted = *is_wanted || cli_option_commands(at + 2, n) & (unsigned)command;
    }
    return true;
}

/* The lines of the options that the command has, below their headings. */
static void show_command(FILE *file, enum command command)
{
    const char *const word = cli_command_word(command), *heading = NULL;
    size_t n = 0;
    bool is_wanted = false, has_heading = false;
    for (const char *line = help_text(); *line; line += n + 1) {
        n = strcspn(line, "\n");
        if (n && *line != ' ') {
            heading = line;
            is_wanted = has_heading = false;
        } else if (!n) {
            heading = NULL;
            is_wanted = has_heading = false;
        } else if (!strncmp(line, "  vkvmaf ", 9)) {
            is_wanted = !strncmp(line + 9, word, strlen(word));
            heading = NULL;
        } else if (!begins_option(line, &is_wanted, command) && indent_of(line) <= 6) {
            is_wanted = has_heading; /* a remark on the section */
        }
        if (!is_wanted)
            continue;
        if (heading)
            fprintf(file, "\n%.*s\n", (int)strcspn(heading, "\n"), heading);
        has_heading = has_heading || heading;
        heading = NULL;
        fprintf(file, "%.*s\n", (int)n, line);
    }
}

void cli_help(FILE *file, enum command command)
{
    if (cli_command_word(command))
        show_command(file, command);
    else
        fputs(help_text(), file);
}
