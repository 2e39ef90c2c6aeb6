"""The package vkvmaf: frames in memory against the program on the same frames in files, equal in every bit; arguments
and failures; threads; libvmaf's models against libvmaf's own numbers. Runs on whatever package is on the path of
modules.

usage: scores.py SHARED"""
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
import warnings
from pathlib import Path
from unittest import mock

import numpy as np
import vkvmaf

# More frames than numpy adds up in order.
W, H, N = 70, 50, 24
DEVICE = "cpu"
FAST = None if any(device.usable for device in vkvmaf.devices()) else DEVICE
SHARED = Path(sys.argv.pop(1)) if len(sys.argv) > 1 else Path("../shared")


def video(bit_depth=8, seed=1, n=N):
    """Textured frames and a distorted copy."""
    random = np.random.default_rng(seed)
    top = (1 << bit_depth) - 1
    y, x = np.mgrid[0:H, 0:W]
    ref = np.stack([(np.sin((x + 3 * t) / 5) + np.cos(y / 4 + t)) * top / 5 + top / 2 for t in range(n)])
    dist = ref + random.normal(0, top / 40, ref.shape)
    dtype = np.uint8 if bit_depth == 8 else np.uint16
    return [np.clip(np.rint(v), 0, top).astype(dtype) for v in (ref, dist)]


def write_y4m(path, frames, bit_depth=8):
    colourspace = "Cmono" if bit_depth == 8 else f"Cmono{bit_depth}"
    with open(path, "wb") as file:
        file.write(f"YUV4MPEG2 W{W} H{H} F25:1 {colourspace}\n".encode())
        for frame in frames:
            file.write(b"FRAME\n" + frame.tobytes())


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def files(self, ref, dist, bit_depth=8):
        paths = self.folder / "ref.y4m", self.folder / "dist.y4m"
        write_y4m(paths[0], ref, bit_depth)
        write_y4m(paths[1], dist, bit_depth)
        return paths

    def assert_same(self, a, b):
        """Two results, in every bit."""
        self.assertEqual(list(a.metrics), list(b.metrics))
        for name in a.metrics:
            self.assertEqual(a.metrics[name].dtype, np.float64)
            self.assertEqual(a.metrics[name].tobytes(), b.metrics[name].tobytes(), name)
        self.assertEqual(a.pooled, b.pooled)
        self.assertEqual(a.device, b.device)
        self.assertEqual(a.version, b.version)
        self.assertEqual(a.aggregate, b.aggregate)
        self.assertEqual(a.tiny_model is None, b.tiny_model is None)
        if a.tiny_model:
            self.assertEqual(a.tiny_model.per_frame.tobytes(), b.tiny_model.per_frame.tobytes())
            for name in ("name", "kind", "quant_mode", "file", "device", "mean"):
                self.assertEqual(getattr(a.tiny_model, name), getattr(b.tiny_model, name), name)


class FramesAndFiles(Case):
    def compare(self, bit_depth=8, device=DEVICE, **options):
        ref, dist = video(bit_depth)
        depth = None if bit_depth == 8 else bit_depth
        frames = vkvmaf.score(ref, dist, device=device, bit_depth=depth, **options)
        files = vkvmaf.score(*self.files(ref, dist, bit_depth), device=device, **options)
        self.assert_same(frames, files)
        return frames

    def test_default_model(self):
        result = self.compare()
        self.assertEqual(result.n_frames, N)
        self.assertEqual(list(result.scores), ["vmaf_tiny_v2"])
        self.assertEqual(result.tiny_model.name, "vmaf_tiny_v2")
        self.assertEqual(result.device.name, "cpu")
        self.assertEqual(result.device.form, "reference")
        self.assertTrue(0 < result.pooled["integer_adm2"].mean < 1)
        self.assertEqual(len(result.metrics), 12)

    def test_depths(self):
        for bit_depth in (10, 12, 16):
            with self.subTest(bit_depth=bit_depth):
                self.compare(bit_depth)

    def test_neg(self):
        self.assertIn("integer_adm2_egl_1", self.compare(neg=True).metrics)

    def test_features(self):
        limited = "adm=adm_enhn_gain_limit=1.0"
        for features in ([limited], [limited, "vif"], ["motion=debug=true", limited], ["motion", "motion=debug=true"],
                         ["vif=vif_enhn_gain_limit=1", "vif=vif_enhn_gain_limit=1e0"],
                         ("adm=adm_enhn_gain_limit=100",)):
            for options in ({}, {"neg": True}, {"tiny_model": "none"}):
                with self.subTest(features=features, **options):
                    result = self.compare(features=features, **options)
                    self.assertIn("integer_adm2_egl_1" if options.get("neg") else "integer_adm2", result.metrics)
                    self.assertEqual("integer_adm2_egl_1" in result.metrics, limited in features or "neg" in options)
                    self.assertEqual("integer_motion" in result.metrics, "motion=debug=true" == features[0])
        plain, both = self.compare(), self.compare(features=[limited])
        for name, values in plain.metrics.items():
            self.assertEqual(both.metrics[name].tobytes(), values.tobytes(), name)
        files = self.files(*video())
        self.assertIn("psnr_y", vkvmaf.score(*files, device=DEVICE, features=["psnr=enable_chroma=false"]).metrics)

    def test_models(self):
        self.assertEqual(self.compare(tiny_model="vmaf_tiny_v4").tiny_model.quant_mode, "dynamic")
        self.assertIsNone(self.compare(tiny_model="none").tiny_model)
        models = subprocess.run([sys.executable, "-c", "from vkvmaf._native import models_dir; print(models_dir())"],
                                check=True, capture_output=True, text=True).stdout.strip()
        self.assertEqual(self.compare(tiny_model=Path(models, "vmaf_tiny_v3.onnx")).tiny_model.name, "vmaf_tiny_v3")

    def test_max_frames(self):
        self.assertEqual(self.compare(max_frames=3).n_frames, 3)
        self.assertEqual(self.compare(max_frames=1).n_frames, 1)

    def test_vulkan_device(self):
        usable = [device for device in vkvmaf.devices() if device.usable]
        if not usable:
            self.skipTest("no Vulkan device")
        ref, dist = video()
        reference = vkvmaf.score(ref, dist, device="cpu")
        for device in usable:
            for select in (device.index, device.uuid):
                result = self.compare(device=select)
                self.assertEqual(result.device.uuid, device.uuid)
                self.assertEqual(result.pooled, reference.pooled)

    def test_raw_video(self):
        ref, dist = video(10)
        for name, frames in (("ref.yuv", ref), ("dist.yuv", dist)):
            chroma = np.full(2 * (W // 2) * (H // 2), 512, np.uint16).tobytes()
            (self.folder / name).write_bytes(b"".join(frame.tobytes() + chroma for frame in frames))
        raw = vkvmaf.score(self.folder / "ref.yuv", str(self.folder / "dist.yuv"), device=DEVICE, width=W, height=H,
                           pixel_format=420, bit_depth=10)
        self.assert_same(raw, vkvmaf.score(ref, dist, device=DEVICE, bit_depth=10))


class Memory(Case):
    def test_strides(self):
        ref, dist = video()
        wanted = vkvmaf.score(ref, dist, device=DEVICE)
        wide = np.zeros((N, H + 3, W + 9), np.uint8)
        wide[:, 2:-1, 4:-5] = ref
        planes = {"a part of a larger array": wide[:, 2:-1, 4:-5],
                  "upside down": np.ascontiguousarray(ref[:, ::-1])[:, ::-1],
                  "mirrored": np.ascontiguousarray(ref[:, :, ::-1])[:, :, ::-1],
                  "every second column": np.repeat(ref, 2, axis=2)[:, :, ::2],
                  "columns first": np.asfortranarray(ref),
                  "read only": np.frombuffer(ref.tobytes(), np.uint8).reshape(ref.shape)}
        for name, plane in planes.items():
            with self.subTest(name):
                self.assertTrue((plane == ref).all())
                self.assert_same(vkvmaf.score(plane, dist, device=DEVICE), wanted)

    def test_wide_samples(self):
        ref, dist = video(12)
        wanted = vkvmaf.score(ref, dist, device=DEVICE, bit_depth=12)
        odd = np.frombuffer(b"x" + ref.tobytes(), np.uint8)[1:].view(np.uint16).reshape(ref.shape)
        self.assertFalse(odd.flags.aligned)
        for name, plane in {"big-endian": ref.astype(">u2"), "at an odd address": odd}.items():
            with self.subTest(name):
                self.assert_same(vkvmaf.score(plane, dist, device=DEVICE, bit_depth=12), wanted)

    def test_repeated_row(self):
        row = video()[0][0, :1]
        flat = np.broadcast_to(row, (H, W))
        self.assertEqual(flat.strides[0], 0)
        self.assert_same(vkvmaf.score([flat] * 2, [flat] * 2, device=DEVICE),
                         vkvmaf.score([flat.copy()] * 2, [flat.copy()] * 2, device=DEVICE))

    def test_iterables(self):
        ref, dist = video()
        wanted = vkvmaf.score(ref, dist, device=DEVICE)
        self.assert_same(vkvmaf.score(iter(ref), list(dist), device=DEVICE), wanted)

        def reused():
            buffer = np.empty((H, W), np.uint8)
            for frame in ref:
                buffer[:] = frame
                yield buffer
        self.assert_same(vkvmaf.score(reused(), (frame.copy() for frame in dist), device=DEVICE), wanted)

    def test_reads_no_further_than_asked(self):
        taken = []

        def endless():
            while True:
                taken.append(1)
                yield video(n=1)[0][0]
        self.assertEqual(vkvmaf.score(endless(), endless(), device=DEVICE, max_frames=4).n_frames, 4)
        self.assertLessEqual(len(taken), 8)


class Failures(Case):
    def refused(self, kind, pattern, *arguments, **options):
        with self.assertRaisesRegex(kind, pattern):
            vkvmaf.score(*arguments, **{"device": DEVICE, **options})

    def test_frames(self):
        ref, dist = video()
        self.refused(ValueError, r"ref is an array of shape \[50, 70\]", ref[0], dist[0])
        self.refused(ValueError, r"frame 0 of dist has shape \[1, 50, 70\]", ref, [dist[:1]])
        self.refused(ValueError, "no frames", [], [])
        self.refused(ValueError, "no frames: dist ended before ref", ref, [])
        self.refused(TypeError, "float64; uint8 or uint16", ref.astype(float), dist)
        self.refused(ValueError, r"frame 0 of dist is uint8 of shape \[49, 70\]", ref, dist[:, 1:])
        self.refused(ValueError, r"frame 2 of ref is uint16", [ref[0], ref[1], ref[2].astype(np.uint16)], dist)
        self.refused(ValueError, "uint8 have 8 bit", ref, dist, bit_depth=10)
        self.refused(ValueError, "bit_depth is None", ref.astype(np.uint16), dist.astype(np.uint16))
        self.refused(ValueError, "bit_depth is 17", ref.astype(np.uint16), dist.astype(np.uint16), bit_depth=17)
        self.refused(ValueError, "max_frames is 0", ref, dist, max_frames=0)
        self.refused(TypeError, "both be paths", ref, "dist.y4m")
        self.refused(TypeError, "own size", ref, dist, width=W)
        for features in ("motion", [b"motion"], [("motion", "debug=true")]):
            self.refused(TypeError, "a list of strings was expected", ref, dist, features=features)

    def test_library(self):
        ref, dist = video()
        self.refused(vkvmaf.VkvmafError, "17", ref[:, :16], dist[:, :16])
        self.refused(vkvmaf.VkvmafError, "no such device at all", ref, dist, device="no such device at all")
        self.refused(vkvmaf.VkvmafError, "vmaf_tiny_v9", ref, dist, tiny_model="vmaf_tiny_v9")
        self.refused(vkvmaf.VkvmafError, "neither a path", ref, dist, tiny_model="Not An Id")
        self.refused(vkvmaf.VkvmafError, "absent.onnx", ref, dist, tiny_model=self.folder / "absent.onnx")
        (self.folder / "bad.onnx").write_bytes(b"\xff" * 100)
        self.refused(vkvmaf.VkvmafError, "bad.onnx", ref, dist, tiny_model=str(self.folder / "bad.onnx"))

    def test_features(self):
        ref, dist = video(n=1)
        for pair in ((ref, dist), self.files(ref, dist)):
            self.refused(vkvmaf.VkvmafError, '"ciede" is not available; there are adm', *pair, features=["ciede"])
            self.refused(vkvmaf.VkvmafError, "1 or 100 was expected", *pair, features=["vif=vif_enhn_gain_limit=x"])
            self.refused(vkvmaf.VkvmafError, "has no value", *pair, features=["motion=debug"])
            self.refused(vkvmaf.VkvmafError, "not available", *pair, features=[""])

    def test_exceptions_of_an_iterable(self):
        def broken():
            yield video()[0][0]
            raise KeyError("the decoder")
        self.refused(KeyError, "the decoder", broken(), video()[1])

    def test_program(self):
        ref, dist = self.files(*video())
        self.refused(vkvmaf.VkvmafError, "absent.y4m.*No such file", ref, self.folder / "absent.y4m")
        self.refused(vkvmaf.VkvmafError, "neither a path", ref, dist, tiny_model="Not An Id")
        self.refused(vkvmaf.VkvmafError, "--width", ref, dist, width=-1)
        dist.write_bytes(dist.read_bytes()[:-1])
        self.refused(vkvmaf.VkvmafError, "dist.y4m", ref, dist)
        for name in ("-", "--help", "; true", "$(true)"):
            os.chdir(self.folder)
            self.refused(vkvmaf.VkvmafError, "No such file", ref, name)

    def test_one_ends_first(self):
        ref, dist = video()
        files = self.files(ref, dist[:3])
        for name, pair in (("frames", (ref, dist[:3])), ("files", files)):
            with self.subTest(name), self.assertWarnsRegex(vkvmaf.VkvmafWarning, "ended before") as caught:
                self.assertEqual(vkvmaf.score(*pair, device=DEVICE).n_frames, 3)
            self.assertEqual(caught.filename, __file__)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            vkvmaf.score(ref, dist, device=DEVICE)
        self.assertEqual(caught, [])


class LibvmafModels(Case):
    clip = "seeking_720x480"
    width, height, n = 720, 480, 4

    def setUp(self):
        super().setUp()
        if not (SHARED / "golden" / "scores").is_dir():
            self.skipTest("no golden data beside the checkout")
        models = {"VKVMAF_LIBVMAF_MODELS": f"/absent:{SHARED}/reference-models"}
        patched = mock.patch.dict(os.environ, models)
        patched.start()
        self.addCleanup(patched.stop)

    def decode(self, name):
        """One frame more than is compared: it is needed for the last one's motion."""
        raw = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", SHARED / "clips" / name, "-frames:v",
                              str(self.n + 1), "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"], check=True,
                             capture_output=True).stdout
        # Luma of 4:2:0; ffmpeg's gray would be of another range.
        return np.frombuffer(raw, np.uint8).reshape(-1, self.height * 3 // 2, self.width)[:, :self.height]

    def golden(self, kind):
        with open(SHARED / "golden" / kind / f"{self.clip}_x264_crf38.csv", encoding="ascii", newline="") as file:
            rows = list(csv.DictReader(file))[:self.n]
        return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}

    def test_golden(self):
        if not shutil.which("ffmpeg"):
            self.skipTest("no ffmpeg")
        ref, dist = self.decode(f"{self.clip}_ref.mp4"), self.decode(f"{self.clip}_x264_crf38.mp4")
        features, scores = self.golden("features"), self.golden("scores")
        bootstrap = {f"b_{what}": f"vmaf_b_v0.6.3_{what}" for what in ("bagging", "stddev", "ci_p95_lo", "ci_p95_hi")}
        for model, columns in (("vmaf_v0.6.1", {"vmaf": "vmaf_v0.6.1"}),
                               ("version=vmaf_v0.6.1neg:name=neg", {"neg": "vmaf_v0.6.1neg"}),
                               (SHARED / "reference-models" / "vmaf_4k_v0.6.1.json", {"vmaf": "vmaf_4k_v0.6.1"}),
                               ("enable_transform", {"vmaf": "vmaf_v0.6.1_enable_transform"}),
                               ("version=vmaf_v0.6.1:disable_clip=true", {"vmaf": "vmaf_v0.6.1_disable_clip"}),
                               ("name=b:version=vmaf_b_v0.6.3", bootstrap)):
            with self.subTest(model):
                result = vkvmaf.score(ref, dist, model=model, device=FAST)
                self.assertIsNone(result.tiny_model)
                for name, column in columns.items():
                    self.assertEqual(result.metrics[name][:self.n].tobytes(), scores[column].tobytes(), name)
                if "neg" not in result.metrics:
                    for name in ("adm2", "vif_scale0", "vif_scale3", "motion2"):
                        self.assertEqual(result.metrics[f"integer_{name}"][:self.n].tobytes(),
                                         features[name].tobytes(), name)

    def test_frames_and_files(self):
        ref, dist = video()
        files = self.files(ref, dist)
        for model in ("vmaf_v0.6.1", "version=vmaf_v0.6.1neg:name=neg", "version=vmaf_b_v0.6.3",
                      SHARED.resolve() / "reference-models" / "vmaf_4k_v0.6.1.json", "enable_transform",
                      "name=one:vif.vif_enhn_gain_limit=1"):
            with self.subTest(model):
                self.assert_same(vkvmaf.score(ref, dist, model=model, device=DEVICE),
                                 vkvmaf.score(*files, model=model, device=DEVICE))
        for features in (["motion=debug=true"], ["adm=adm_enhn_gain_limit=1", "vif"]):
            with self.subTest(features):
                options = {"model": "vmaf_v0.6.1", "features": features, "device": DEVICE}
                self.assert_same(vkvmaf.score(ref, dist, **options), vkvmaf.score(*files, **options))
        options = {"model": "vmaf_v0.6.1", "tiny_model": "vmaf_tiny_v3", "device": DEVICE}
        self.assert_same(vkvmaf.score(ref, dist, **options), vkvmaf.score(*files, **options))

    def test_names(self):
        result = vkvmaf.score(*video(), device=DEVICE, model="version=vmaf_b_v0.6.3")
        self.assertEqual(list(result.scores), ["vmaf", *(f"vmaf_{i:04}" for i in range(1, 21)), "vmaf_bagging",
                                               "vmaf_stddev", "vmaf_ci_p95_lo", "vmaf_ci_p95_hi"])
        result = vkvmaf.score(*video(), device=DEVICE, model="vmaf_v0.6.1neg")
        self.assertIn("integer_adm2_egl_1", result.metrics)
        result = vkvmaf.score(*video(), device=DEVICE, model="vmaf_v0.6.1", tiny_model="vmaf_tiny_v2")
        self.assertEqual(list(result.scores), ["vmaf", "vmaf_tiny_v2"])

    def test_refused(self):
        for model, pattern in (("vmaf_v9", "there is no vmaf_v9.json in /absent, "),
                               ("version=../x", "a name such as"),
                               ("version=a:path=b", "exclude each other"), ("name=a:name=b", "not understood"),
                               ("enable_transform=maybe", "not understood"), ("", "not understood"),
                               ("adm.adm_enhn_gain_limit=0.5", "1 to 100 was expected"),
                               ("ssim2.x=1", "there are adm, motion, vif, psnr, cambi and speed_chroma"),
                               ("name=1x", "a letter or _ first"),
                               ("path=/absent.json", "absent.json.*no such file"),
                               ("name=integer_adm2", "another metric")):
            with self.subTest(model), self.assertRaisesRegex(vkvmaf.VkvmafError, pattern):
                vkvmaf.score(*video(n=1), device=DEVICE, model=model)
        for pair in (video(n=1), self.files(*video(n=1))):
            with self.assertRaisesRegex(ValueError, "a model says itself"):
                vkvmaf.score(*pair, device=DEVICE, model="vmaf_v0.6.1", neg=True)
            with self.assertRaisesRegex(vkvmaf.VkvmafError, "there is no vmaf_v9.json in /absent, "):
                vkvmaf.score(*pair, device=DEVICE, model="vmaf_v9")


    def test_folders_below(self):
        """libvmaf's source has the models of VMAF v1 one folder down."""
        below = self.folder / "vmaf_v1.0.16"
        below.mkdir()
        shutil.copy(SHARED / "reference-models" / "vmaf_v0.6.1.json", below / "of_mine.json")
        with mock.patch.dict(os.environ, {"VKVMAF_LIBVMAF_MODELS": str(self.folder)}):
            self.assertIn("vmaf", vkvmaf.score(*video(n=1), device=DEVICE, model="of_mine").metrics)
            with self.assertRaisesRegex(vkvmaf.VkvmafError, f"in {self.folder}, {below}, "):
                vkvmaf.score(*video(n=1), device=DEVICE, model="of_nobody")

    def test_psnr(self):
        """Frames are luma: PSNR of that alone, by both ways."""
        ref, dist = video()
        mse = ((ref.astype(float) - dist) ** 2).mean(axis=(1, 2))
        for pair in ((ref, dist), self.files(ref, dist)):
            got = vkvmaf.score(*pair, device=DEVICE, features=["psnr=enable_mse=true"]).metrics
            self.assertEqual([name for name in got if name.startswith(("psnr", "mse"))], ["psnr_y", "mse_y"])
            np.testing.assert_array_equal(got["mse_y"], mse)
            np.testing.assert_allclose(got["psnr_y"], 10 * np.log10(255 ** 2 / mse), rtol=1e-12)

    def test_two_sets_of_options(self):
        """A model with gain limits of 1 beside a network: each has the scores that it has alone."""
        pair = video()
        both = vkvmaf.score(*pair, device=DEVICE, model="vmaf_v0.6.1neg", tiny_model="vmaf_tiny_v2")
        for alone in (vkvmaf.score(*pair, device=DEVICE, model="vmaf_v0.6.1neg"),
                      vkvmaf.score(*pair, device=DEVICE, tiny_model="vmaf_tiny_v2")):
            for name, values in alone.metrics.items():
                self.assertEqual(both.metrics[name].tobytes(), values.tobytes(), name)


class Views(Case):
    """--view, --hfr and --scale-to of the program. Models of another kind stand in under the names of v1's."""

    def setUp(self):
        super().setUp()
        model = SHARED / "reference-models" / "vmaf_v0.6.1.json"
        if not model.exists():
            self.skipTest("no models of libvmaf beside the checkout")
        for name in ("3d0h", "5d0h", "1d5h_2160", "3d0h_2160"):
            for form in ("", "hfr_"):
                shutil.copy(model, self.folder / f"vmaf_v1.0.16_{form}{name}.json")
        patched = mock.patch.dict(os.environ, {"VKVMAF_LIBVMAF_MODELS": str(self.folder)})
        patched.start()
        self.addCleanup(patched.stop)

    def test_model(self):
        files = self.files(*video(n=2))
        for view, model in (("1080p", "3d0h"), ("2160p", "1d5h_2160"), ("phone", "5d0h"), ("tv", "3d0h_2160")):
            for hfr, form, why in ((None, "", "25 frames per second"), (True, "hfr_", "--hfr on"),
                                   (False, "", "--hfr off")):
                with self.subTest(view, hfr=hfr):
                    result = vkvmaf.score(*files, device=DEVICE, view=view, hfr=hfr)
                    self.assertEqual(list(result.scores), ["vmaf"])
                    self.assertIsNone(result.tiny_model)
                    self.assertIn(f"view {view}: scored by vmaf_v1.0.16_{form}{model} ({why})", result.notes)
                    self.assertEqual(len([note for note in result.notes if "is a display of" in note]), 1)

    def test_size(self):
        files = self.files(*video(n=2))
        self.assertEqual(vkvmaf.score(*files, device=DEVICE, scale_to=f"{W}x{H}").notes, ())
        try:
            notes = vkvmaf.score(*files, device=DEVICE, view="phone", scale_to="1080p", max_frames=1).notes
        except vkvmaf.VkvmafError as error:
            self.assertIn("needs FFmpeg", str(error))
        else:
            self.assertEqual(len([note for note in notes if "is scaled from 70x50 to 1512x1080, bicubic" in note]), 2)
            self.assertFalse([note for note in notes if "is a display of" in note])

    def test_refused(self):
        pair = video(n=1)
        files = self.files(*pair)
        for options in ({"view": "tv"}, {"hfr": False}, {"scale_to": "1080p"}, {"view": "", "hfr": True}):
            with self.assertRaisesRegex(TypeError, f"^{' and '.join(options)}: only for videos by path"):
                vkvmaf.score(*pair, device=DEVICE, **options)
        for source in (pair, files):
            with self.assertRaisesRegex(TypeError, "hfr is 'on'; True or False was expected"):
                vkvmaf.score(*source, device=DEVICE, view="tv", hfr="on")
        for options, pattern in (({"view": "4k"}, "1080p, 2160p, phone or tv was expected"),
                                 ({"view": ""}, "1080p, 2160p, phone or tv was expected"),
                                 ({"hfr": True}, "--hfr without --view"), ({"hfr": False}, "--hfr without --view"),
                                 ({"view": "tv", "model": "vmaf_v0.6.1"}, "--view and --model"),
                                 ({"view": "tv", "neg": True}, "--view and --neg"),
                                 ({"view": "tv", "tiny_model": "none"}, "--view and options of tiny models"),
                                 ({"scale_to": "720p"}, "1080p or 2160p was expected"),
                                 ({"scale_to": (140, 100)}, "1080p or 2160p was expected"),
                                 ({"scale_to": "16x100"}, "--scale")):
            with self.subTest(**options), self.assertRaisesRegex(vkvmaf.VkvmafError, pattern):
                vkvmaf.score(*files, device=DEVICE, **options)


class Elsewhere(Case):
    def test_families(self):
        families = {family.name: family for family in vkvmaf.families()}
        self.assertEqual(list(families), ["adm", "motion", "vif", "psnr", "cambi", "speed_chroma"])
        self.assertEqual([name for name, family in families.items() if family.is_default], ["adm", "motion", "vif"])
        self.assertEqual([option.name for option in families["vif"].options], ["vif_enhn_gain_limit"])
        self.assertEqual(families["vif"].options[0].default, "100")
        self.assertIn("integer_adm2", families["adm"].columns)
        shown = vkvmaf.score(*video(n=1), device=DEVICE, tiny_model="none").metrics
        self.assertLessEqual(set(shown), {name for family in families.values() for name in family.columns})

    def test_threads(self):
        ref, dist = video()
        wanted = vkvmaf.score(ref, dist, device=FAST)
        results, failures = {}, []

        def work(number):
            try:
                results[number] = vkvmaf.score(iter(ref), dist, device=FAST)
            except Exception as error:                   # pylint: disable=broad-except
                failures.append(error)
        threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        for result in results.values():
            self.assert_same(result, wanted)

    def test_devices(self):
        for device in vkvmaf.devices():
            self.assertTrue(device.name)
            self.assertEqual(device.usable, not device.reason)
            self.assertIn(device.type, ("discrete", "integrated", "virtual", "software", "other"))

    def test_program_of_the_package(self):
        out = subprocess.run([sys.executable, "-m", "vkvmaf", "--version"], check=True, capture_output=True, text=True)
        self.assertRegex(out.stdout, r"^vkvmaf \d+\.\d+\.\d+\n$")


if __name__ == "__main__":
    unittest.main(verbosity=2)
