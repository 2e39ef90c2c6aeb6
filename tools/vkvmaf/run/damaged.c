#include "run/damaged.h"

#include <inttypes.h>

bool damaged_take(struct damaged_pairs *pairs, enum video_damaged how, const struct video_frame *frames, unsigned n)
{
    bool is_damaged = false;
    for (unsigned i = 0; i < n; i++)
        if (frames[i].is_damaged) {
            damage_add(&pairs->of[i], frames[i].number);
            is_damaged = true;
        }
    if (!is_damaged || how != DAMAGED_SKIP)
        return false;
    pairs->n_skipped++;
    return true;
}

int damaged_note(const struct damaged_pairs *pairs, enum video_damaged how, const char *const *paths,
                 struct video_input *const *inputs, unsigned n, struct notes *notes)
{
    for (unsigned i = 0; i < n; i++) {
        const struct damage *const damage = &pairs->of[i];
        char frame[DAMAGE_ROOM], file[DAMAGE_ROOM], numbers[160];
        video_input_damage(inputs[i], frame, file);
        if (*file && notes_add(notes, i, "\"%.150s\" %s; what is there is scored", paths[i], file))
            return -1;
        if (damage->n_frames &&
            notes_add(notes, i, "\"%.100s\": %" PRIu64 " damaged frame%s %s: %s (%.100s)", paths[i], damage->n_frames,
                      damage->n_frames == 1 ? "" : "s", how == DAMAGED_SKIP ? "skipped" : "concealed",
                      damage_text(damage, numbers, sizeof(numbers)), frame))
            return -1;
    }
    return 0;
}
