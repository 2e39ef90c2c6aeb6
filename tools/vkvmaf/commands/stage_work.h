/* Vector instructions of all lanes, per sample of the picture: written by radv_cycles.py --record, which counts them in
 * AMD's machine code of the portable form at 1920x1080 (docs/benchmarks.md). By depth: 8 bit, deeper. */
#ifndef VKVMAF_STAGE_WORK_H
#define VKVMAF_STAGE_WORK_H

static const struct {
    const char *stage;
    double alone[2];                   /* per frame, with one distorted picture */
    double reference[2], distorted[2]; /* with several distorted pictures: once, and for each of them */
} stage_work[] = {
    {"ingest scale 0", {5.600, 3.867}, {2.800, 1.933}, {2.800, 1.933}},
    {"pad scale 0", {0.063, 0.063}, {0.032, 0.032}, {0.032, 0.032}},
    {"motion", {47.801, 47.801}, {47.801, 47.801}, {0.000, 0.000}},
    {"vif_ref scale 0", {0.000, 0.000}, {134.741, 156.232}, {0.000, 0.000}},
    {"adm_dwt scale 0", {45.867, 45.867}, {22.933, 22.933}, {22.933, 22.933}},
    {"vif_down scale 1", {38.400, 38.400}, {19.200, 19.200}, {19.200, 19.200}},
    {"vif scale 0", {473.968, 540.054}, {0.000, 0.000}, {355.766, 397.405}},
    {"adm scale 0", {120.065, 120.065}, {0.000, 0.000}, {120.065, 120.065}},
    {"adm_dwt scale 1", {17.233, 17.233}, {8.617, 8.617}, {8.617, 8.617}},
    {"pad scale 1", {0.035, 0.035}, {0.018, 0.018}, {0.018, 0.018}},
    {"vif_ref scale 1", {0.000, 0.000}, {22.537, 22.537}, {0.000, 0.000}},
    {"vif_down scale 2", {9.600, 9.600}, {4.800, 4.800}, {4.800, 4.800}},
    {"vif scale 1", {91.628, 91.628}, {0.000, 0.000}, {71.547, 71.547}},
    {"adm scale 1", {47.936, 47.936}, {0.000, 0.000}, {47.936, 47.936}},
    {"adm_dwt scale 2", {11.967, 11.967}, {5.983, 5.983}, {5.983, 5.983}},
    {"pad scale 2", {0.021, 0.021}, {0.011, 0.011}, {0.011, 0.011}},
    {"vif_ref scale 2", {0.000, 0.000}, {5.634, 5.634}, {0.000, 0.000}},
    {"vif_down scale 3", {4.836, 4.836}, {2.418, 2.418}, {2.418, 2.418}},
    {"vif scale 2", {22.907, 22.907}, {0.000, 0.000}, {17.887, 17.887}},
    {"adm scale 2", {11.984, 11.984}, {0.000, 0.000}, {11.984, 11.984}},
    {"adm_dwt scale 3", {6.028, 6.028}, {3.014, 3.014}, {3.014, 3.014}},
    {"pad scale 3", {0.014, 0.014}, {0.007, 0.007}, {0.007, 0.007}},
    {"vif_ref scale 3", {0.000, 0.000}, {1.491, 1.491}, {0.000, 0.000}},
    {"vif scale 3", {6.064, 6.064}, {0.000, 0.000}, {4.735, 4.735}},
    {"adm scale 3", {6.848, 6.848}, {0.000, 0.000}, {6.848, 6.848}},
    {"reduce", {2.756, 2.756}, {0.000, 0.000}, {2.756, 2.756}},
};

#endif
