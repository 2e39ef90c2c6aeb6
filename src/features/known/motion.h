/* unit_probe --print motion */
/* clang-format off */
{
  {
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0xd601ffa77aa35d48, 0xd601ffa77aa35d48 }, { 0x2b0cc0a94c3866aa, 0x2b0cc0a94c3866aa } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0x11e8bba8ccb8c428, 0x11e8bba8ccb8c428 }, { 0xae773bb81881a18b, 0xae773bb81881a18b } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0xe5fb68a96f33be21, 0xe5fb68a96f33be21 }, { 0x1df4cbaa8d0ba5fc, 0x1df4cbaa8d0ba5fc } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0xe7b626a968d98d1b, 0xe7b626a968d98d1b }, { 0x134746b9c933d4d9, 0x134746b9c933d4d9 } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0x7ae795a6ce1d94ab, 0x7ae795a6ce1d94ab }, { 0xd91c40a93cdebf29, 0xd91c40a93cdebf29 } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0x7b7eb4a9542ee0c7, 0x7b7eb4a9542ee0c7 }, { 0x055538b9d2a17a93, 0x055538b9d2a17a93 } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0xe19f84a95e624255, 0xe19f84a95e624255 }, { 0x51d783abaca37607, 0x51d783abaca37607 } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0x53185ba9f81d170b, 0x53185ba9f81d170b }, { 0xdb2fe8b826327583, 0xdb2fe8b826327583 } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0x4e734eab95afb614, 0x4e734eab95afb614 }, { 0xa5c608b87e26ac22, 0xa5c608b87e26ac22 } },
  },
  {
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0x7edd0f4d1b36c0ae, 0x7edd0f4d1b36c0ae }, { 0x7626d74d3bf29396, 0x7626d74d3bf29396 } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0x50c6a74d39b185e6, 0x50c6a74d39b185e6 }, { 0x879cdd4cfa5373a4, 0x879cdd4cfa5373a4 } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0x2a2c064d02fc0770, 0x2a2c064d02fc0770 }, { 0x20ff0f4d06f2baaf, 0x20ff0f4d06f2baaf } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0x84e5084cf9067acb, 0x84e5084cf9067acb }, { 0x771cbd4d37586844, 0x771cbd4d37586844 } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0x289c244d02c4c67e, 0x289c244d02c4c67e }, { 0x1a165b4d0f638cc3, 0x1a165b4d0f638cc3 } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0x7e13124d191381d5, 0x7e13124d191381d5 }, { 0x77ed964d3518df01, 0x77ed964d3518df01 } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0x22d30a4d0f81c32c, 0x22d30a4d0f81c32c }, { 0x1a6c6a4d0f39a14c, 0x1a6c6a4d0f39a14c } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0x80162f4ce88cb10e, 0x80162f4ce88cb10e }, { 0x78c2f74d2dab69f6, 0x78c2f74d2dab69f6 } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0x506bfa4d3775431d, 0x506bfa4d3775431d }, { 0x8755514cfa5b94c0, 0x8755514cfa5b94c0 } },
  },
  {
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0x33e8045454fe742c, 0x33e8045454fe742c }, { 0x2851df544fdde50d, 0x2851df544fdde50d } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0xcd4f5c521e47afab, 0xcd4f5c521e47afab }, { 0x4a6f3054cda84ce0, 0x4a6f3054cda84ce0 } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0xc60b8c52f497c43a, 0xc60b8c52f497c43a }, { 0x0c545d53f7462d18, 0x0c545d53f7462d18 } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0xfc07aa522c331731, 0xfc07aa522c331731 }, { 0x3309505457a6b000, 0x3309505457a6b000 } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0xfacaad5227b4fb08, 0xfacaad5227b4fb08 }, { 0x32fcba545467d96e, 0x32fcba545467d96e } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0x209d5554535c3f8f, 0x209d5554535c3f8f }, { 0x57e1e354df93d4d9, 0x57e1e354df93d4d9 } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0xeccfb55263ff44e0, 0xeccfb55263ff44e0 }, { 0x2bd10e5472cd642a, 0x2bd10e5472cd642a } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0x0cb8f653e9e86b1d, 0x0cb8f653e9e86b1d }, { 0x48302954c5c541cb, 0x48302954c5c541cb } },
    { { 0xaf63bd4dd8c6cd46, 0xaf63bd4dd8c6cd46 }, { 0xa1285b527b8266ff, 0xa1285b527b8266ff }, { 0xdbe185522a587810, 0xdbe185522a587810 } },
  },
},
/* clang-format on */
