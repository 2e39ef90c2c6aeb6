/* Vector instructions of all lanes, per sample of the picture: written by radv_cycles.py --record, which counts them in
 * AMD's machine code of the portable form at 1920x1080 (docs/benchmarks.md). By depth: 8 bit, deeper. */
#ifndef VKVMAF_STAGE_WORK_H
#define VKVMAF_STAGE_WORK_H

static const struct {
    const char *stage;
    double alone[2];                       /* with one distorted picture: of the frame */
    double reference[2], distorted[2];     /* with several: once, and for each of them */
} stage_work[] = {
    {"ingest scale 0", {45.333, 45.333}, {22.667, 22.667}, {22.667, 22.667}},
    {"vif_ref scale 0", {0.000, 0.000}, {144.143, 191.424}, {0.000, 0.000}},
    {"motion", {68.319, 68.319}, {68.319, 68.319}, {0.000, 0.000}},
    {"adm_dwt scale 0", {46.133, 46.133}, {23.067, 23.067}, {23.067, 23.067}},
    {"vif_down scale 1", {38.400, 38.400}, {19.200, 19.200}, {19.200, 19.200}},
    {"vif scale 0", {532.801, 673.838}, {0.000, 0.000}, {403.584, 499.489}},
    {"adm scale 0", {123.176, 123.176}, {0.000, 0.000}, {123.176, 123.176}},
    {"adm_dwt scale 1", {17.400, 17.400}, {8.700, 8.700}, {8.700, 8.700}},
    {"ingest scale 1", {11.333, 11.333}, {5.667, 5.667}, {5.667, 5.667}},
    {"vif_ref scale 1", {0.000, 0.000}, {27.036, 27.036}, {0.000, 0.000}},
    {"vif_down scale 2", {9.600, 9.600}, {4.800, 4.800}, {4.800, 4.800}},
    {"vif scale 1", {112.716, 112.716}, {0.000, 0.000}, {88.203, 88.203}},
    {"adm scale 1", {46.210, 46.210}, {0.000, 0.000}, {46.210, 46.210}},
    {"adm_dwt scale 2", {12.017, 12.017}, {6.008, 6.008}, {6.008, 6.008}},
    {"ingest scale 2", {2.833, 2.833}, {1.417, 1.417}, {1.417, 1.417}},
    {"vif_ref scale 2", {0.000, 0.000}, {6.759, 6.759}, {0.000, 0.000}},
    {"vif_down scale 3", {4.836, 4.836}, {2.418, 2.418}, {2.418, 2.418}},
    {"vif scale 2", {28.179, 28.179}, {0.000, 0.000}, {22.051, 22.051}},
    {"adm scale 2", {11.552, 11.552}, {0.000, 0.000}, {11.552, 11.552}},
    {"adm_dwt scale 3", {6.053, 6.053}, {3.026, 3.026}, {3.026, 3.026}},
    {"ingest scale 3", {1.417, 1.417}, {0.708, 0.708}, {0.708, 0.708}},
    {"vif_ref scale 3", {0.000, 0.000}, {1.789, 1.789}, {0.000, 0.000}},
    {"vif scale 3", {7.459, 7.459}, {0.000, 0.000}, {5.837, 5.837}},
    {"adm scale 3", {6.601, 6.601}, {0.000, 0.000}, {6.601, 6.601}},
    {"reduce", {3.057, 3.057}, {0.000, 0.000}, {3.057, 3.057}},
};

#endif
