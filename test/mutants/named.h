/* clang-format off */
{"vif: the sum of a workgroup begins with 33 lanes", false, "vif0", "workgroup_sum(", 62, 2, CHANGE_CONSTANT, 2, 33},
{"adm0: the last comparison of the angle flag is !=", false, "adm0", "adm_flag(", 170, 4, CHANGE_OPCODE, 0, 171},
{"adm_dwt0: the border of odd sizes is 2n + 1 - m", false, "adm_dwt0", "border(", 130, 0, CHANGE_OPCODE, 0, 128},
{"motion: a row too many", false, "motion", "filter_horizontal(", 176, 0, CHANGE_OPCODE, 0, 178},
{"pad: a row too many", false, "pad", "main", 174, 0, CHANGE_OPCODE, 0, 172},
{"mlp: a hidden layer goes elsewhere", false, "mlp", "main", 128, 32, CHANGE_OPCODE, 0, 130},
{"mlp: a hidden layer goes elsewhere", true, "mlp", "main", 128, 32, CHANGE_OPCODE, 0, 130},
{"adm_dwt0: a tap of the low band is subtracted", true, "adm_dwt0", NULL, 128, 26, CHANGE_OPCODE, 0, 130},
{"adm_dwt0: another tap of the low band is subtracted", true, "adm_dwt0", NULL, 128, 45, CHANGE_OPCODE, 0, 130},
{"adm_dwt0: a tap of the columns is subtracted", true, "adm_dwt0", NULL, 128, 88, CHANGE_OPCODE, 0, 130},
{"the last of 49 workgroups along y is lost", true, "", NULL, 0, 0, CHANGE_DROP, 0, 49},
{"the last of 49 workgroups along y is lost", false, "", NULL, 0, 0, CHANGE_DROP, 0, 49},
    /* clang-format on */
