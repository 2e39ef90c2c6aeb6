"""vkvmaf mcp from outside, line by line: answers and errors of the protocol, the tool's results, folders that are not
allowed, hostile lines.

usage: protocol.py TOOL SHARED"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

TOOL = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "vkvmaf"
SHARED = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "../shared"
PARSE_ERROR, INVALID_REQUEST, UNKNOWN_METHOD, INVALID_PARAMS = -32700, -32600, -32601, -32602
W, H, N = 48, 40, 3
LIMIT = 1800     # seconds; only what hangs takes so long, also with a sanitizer on a busy machine


def y4m(seed, n=N):
    frames = (bytes((65 + (i * (7 + t) + seed * (i // W)) % 50) for i in range(W * H)) for t in range(n))
    return f"YUV4MPEG2 W{W} H{H} F25:1 Cmono\n".encode() + b"".join(b"FRAME\n" + frame for frame in frames)


def request(method, params=None, number=1):
    message = {"jsonrpc": "2.0", "id": number, "method": method}
    return message if params is None else {**message, "params": params}


class Server(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        # Two roots beside a folder that is none, though its name begins like one.
        for name in ("videos", "videos2", "more"):
            os.mkdir(f"{folder.name}/{name}")
        self.folder = folder.name
        self.root = f"{self.folder}/videos"
        self.outside = f"{self.folder}/videos2/ref.y4m"
        self.ref, self.dis = f"{self.root}/ref.y4m", f"{self.root}/dis.y4m"
        for path, seed in ((self.ref, 5), (self.dis, 6), (self.outside, 5)):
            with open(path, "wb") as file:
                file.write(y4m(seed))

    def run_server(self, data, arguments=None, environment=None):
        arguments = ["--root", self.root, "--device", "cpu"] if arguments is None else arguments
        return subprocess.run([TOOL, "mcp", *arguments], input=data, capture_output=True, timeout=LIMIT,
                              cwd=self.folder, env={**os.environ, **(environment or {})}, check=False)

    def ask(self, *messages, **options):
        """The answers to messages: objects, or lines as bytes."""
        lines = [m if isinstance(m, bytes) else json.dumps(m).encode() for m in messages]
        done = self.run_server(b"".join(line + b"\n" for line in lines), **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        answers = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
        for answer in answers:
            for one in answer if isinstance(answer, list) else [answer]:
                self.assertEqual(one["jsonrpc"], "2.0")
                self.assertEqual(("result" in one) + ("error" in one), 1)
        return answers

    def call(self, options=None, **arguments):
        """The content of the tool's result, and whether it is an error."""
        answer, = self.ask(request("tools/call", {"name": "vmaf_score", "arguments": arguments}), **(options or {}))
        content, = answer["result"]["content"]
        self.assertEqual(content["type"], "text")
        return json.loads(content["text"]), answer["result"]["isError"]

    def refused(self, pattern, **arguments):
        report, is_error = self.call(**arguments)
        self.assertTrue(is_error)
        self.assertEqual(list(report), ["error"])
        self.assertRegex(report["error"], pattern)

    def test_handshake(self):
        for asked, given in (("2024-11-05", "2024-11-05"), ("2025-06-18", "2025-06-18"), ("2025-11-25", "2025-11-25"),
                             ("1999-01-01", "2025-11-25")):
            answers = self.ask(request("initialize", {"protocolVersion": asked, "capabilities": {}, "clientInfo": {}}),
                               {"jsonrpc": "2.0", "method": "notifications/initialized"},
                               request("ping", number="a\"b"))
            self.assertEqual([a["id"] for a in answers], [1, 'a"b'])
            self.assertEqual(answers[0]["result"]["protocolVersion"], given)
            self.assertEqual(answers[0]["result"]["capabilities"], {"tools": {}})
            self.assertEqual(answers[0]["result"]["serverInfo"]["name"], "vkvmaf")
            self.assertEqual(answers[1]["result"], {})

    def test_tools(self):
        answer, = self.ask(request("tools/list", number=0))
        self.assertEqual(answer["id"], 0)
        tool, = answer["result"]["tools"]
        self.assertEqual(tool["name"], "vmaf_score")
        schema = tool["inputSchema"]
        self.assertEqual(set(schema["properties"]), {"ref", "dis", "width", "height", "pixfmt", "bitdepth", "backend",
                                                     "precision", "tiny_model", "model", "view", "hfr",
                                                     "scale_to"})
        for argument, option in (("view", "--view"), ("hfr", "--hfr"), ("pixfmt", "--pixel_format")):
            refused = subprocess.run([TOOL, option, "?"], capture_output=True, check=False).stderr.decode()
            words = schema["properties"][argument]["enum"]
            self.assertIn(f"; {', '.join(words[:-1])} or {words[-1]} was expected", refused)
        self.assertEqual(schema["required"], ["ref", "dis"])

    def test_errors_of_the_protocol(self):
        def error(message):
            answer, = self.ask(message)
            return answer["id"], answer["error"]["code"]
        for line in (b"{", b"nonsense", b"{} {}", b'"\xff', b'{"jsonrpc":"2.0","id":1,"method":"ping"}\0',
                     b"[" * 100000, b" " * (1 << 20) + b"x"):
            self.assertEqual(error(line), (None, PARSE_ERROR), line[:40])
        for message in (1, None, "ping", {}, [], [1] * 65, {"jsonrpc": "1.0", "id": 1, "method": "ping"},
                        {"jsonrpc": "2.0", "id": None, "method": "ping"},
                        {"jsonrpc": "2.0", "id": [1], "method": "ping"}, {"jsonrpc": "2.0"},
                        {"jsonrpc": "2.0", "method": 5}):
            self.assertEqual(error(message), (None, INVALID_REQUEST), message)
        self.assertEqual(error(b'{"jsonrpc":"2.0","id":1e999,"method":"ping"}'), (None, INVALID_REQUEST))
        self.assertEqual(error({"jsonrpc": "2.0", "id": 7}), (7, INVALID_REQUEST))
        self.assertEqual(error(request("server/discover")), (1, UNKNOWN_METHOD))
        for method, params in (("initialize", {}), ("initialize", {"protocolVersion": 1}), ("ping", []),
                               ("tools/call", None), ("tools/call", {"name": "vmaf"}), ("tools/call", {"name": 1}),
                               ("tools/call", {"name": "vmaf_score", "arguments": []})):
            self.assertEqual(error(request(method, params)), (1, INVALID_PARAMS), (method, params))

    def test_no_answer(self):
        self.assertEqual(self.ask(b"", b"  \r", {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {}},
                                  {"jsonrpc": "2.0", "method": "tools/call", "params": []},
                                  {"jsonrpc": "2.0", "id": 1, "result": {}}, {"jsonrpc": "2.0", "id": 1, "error": {}},
                                  [{"jsonrpc": "2.0", "method": "notifications/initialized"}]), [])

    def test_goes_on_after_errors(self):
        answers = self.ask(b"x" * (3 << 20), b"{", request("nothing"), request("ping", number=-5.5))
        self.assertEqual(answers[-1], {"jsonrpc": "2.0", "id": -5.5, "result": {}})
        self.assertEqual(len(answers), 4)

    def test_longest_line(self):
        line = json.dumps(request("ping")).encode().rjust(1 << 20)
        self.assertIn("result", self.ask(line)[0])
        self.assertIn("error", self.ask(b" " + line)[0])

    def test_batch(self):
        answer, = self.ask([request("ping", number=1), {"jsonrpc": "2.0", "method": "x"}, 5,
                            request("ping", number="")])
        self.assertEqual([one["id"] for one in answer], [1, None, ""])

    def test_last_line_without_an_end(self):
        done = self.run_server(json.dumps(request("ping")).encode())
        self.assertEqual(json.loads(done.stdout), {"jsonrpc": "2.0", "id": 1, "result": {}})

    def test_score(self):
        report, is_error = self.call(ref=self.ref, dis=self.dis, width=W, height=H, bitdepth=8)
        self.assertFalse(is_error)
        run = subprocess.run([TOOL, "-r", self.ref, "-d", self.dis, "--json", "--precision", "17", "--device", "cpu"],
                             check=True, capture_output=True)
        wanted = json.loads(run.stdout)
        report.pop("fps"), wanted.pop("fps")
        self.assertEqual(report, wanted)
        self.assertEqual(report["tiny_model"]["name"], "vmaf_tiny_v2")
        self.assertEqual(len(report["frames"]), N)

    def test_options(self):
        report, _ = self.call(ref="videos/ref.y4m", dis="videos/../videos/dis.y4m", precision="6",
                              tiny_model="vmaf_tiny_v4")
        self.assertEqual(report["tiny_model"]["quant_mode"], "dynamic")
        self.assertEqual(report["pooled_metrics"]["integer_adm2"]["mean"],
                         round(report["pooled_metrics"]["integer_adm2"]["mean"], 6))
        report, _ = self.call(ref=self.ref, dis=self.dis, tiny_model="none", backend="cpu",
                              options={"arguments": ["--root", self.root]})
        self.assertEqual(report["device"]["name"], "cpu")
        self.assertNotIn("tiny_model", report)

    def test_raw_video(self):
        luma = bytes(W * H)
        for name in ("a.yuv", "b.yuv"):
            with open(f"{self.root}/{name}", "wb") as file:
                file.write(luma + bytes([128]) * (W * H // 2))
        raw = {"ref": f"{self.root}/a.yuv", "dis": f"{self.root}/b.yuv"}
        report, is_error = self.call(**raw, width=W, height=H, pixfmt="420", bitdepth=8)
        self.assertFalse(is_error, report)
        self.assertEqual(len(report["frames"]), 1)
        self.refused("width", **raw)

    def test_wrong_arguments(self):
        good = {"ref": self.ref, "dis": self.dis}
        self.refused('"dis" is missing', ref=self.ref)
        self.refused('"ref" is missing')
        self.refused('"depth" is not known', **good, depth=8)
        self.refused("ref must be a string", **{**good, "ref": 5})
        for width in ("48", 48.5, 1e10, True, None, [48]):
            self.refused("width must be a whole number", **good, width=width)
        self.refused("--width", **good, width=-48)
        self.refused("--height", **good, height=16)
        self.refused("48x40.*50x40|width", **good, width=50)
        self.refused("--bitdepth", **good, bitdepth=7)
        self.refused("--pixel_format", **good, pixfmt="411")
        self.refused("--precision", **good, precision="max")
        self.refused("backend", **good, backend="cuda")
        self.refused("vmaf_tiny_v9", **good, tiny_model="vmaf_tiny_v9")
        self.refused("neither a path", **good, tiny_model="-x y")
        answer, = self.ask(b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"vmaf_score","arguments":'
                           b'{"width":48,"width":48}}}')
        self.assertIn("given twice", answer["result"]["content"][0]["text"])

    def test_folders(self):
        os.symlink("../videos2/ref.y4m", f"{self.root}/link.y4m")
        os.symlink("..", f"{self.root}/up")
        os.symlink("ref.y4m", f"{self.root}/inside.y4m")
        os.mkfifo(f"{self.root}/pipe")
        for path in (self.outside, f"{self.root}/link.y4m", f"{self.root}/up/videos2/ref.y4m", f"{self.root}/absent",
                     f"{self.root}/../videos2/ref.y4m", self.root, f"{self.root}/pipe", "", "-", "/etc/passwd",
                     "/dev/stdin", "/proc/self/environ", "file:///etc/passwd", "x" * 5000, f"{self.root}/ref.y4m/"):
            self.refused("^ref is no file below", ref=path, dis=self.dis)
        self.refused("^dis is no file below", ref=self.ref, dis=self.outside)
        report, is_error = self.call(ref=f"{self.root}/inside.y4m", dis=self.dis)
        self.assertFalse(is_error, report)
        for where in ({"arguments": ["--device", "cpu"], "environment": {"VKVMAF_MCP_ROOTS": f"{self.root}:videos2"}},
                      {"arguments": ["--device", "cpu", "--root", "videos", "--root", "videos2"]}):
            report, is_error = self.call(where, ref=self.outside, dis=self.dis)
            self.assertFalse(is_error, report)

    def test_files_that_name_others(self):
        outside = os.path.relpath(self.outside, self.root)
        for name, text in (("list.ffconcat", f"ffconcat version 1.0\nfile {outside}\n"),
                           ("list.m3u8", f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{outside}\n#EXT-X-ENDLIST\n"),
                           ("list.m3u8", f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{self.outside}\n"),
                           ("list.sdp", "v=0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n")):
            with open(f"{self.root}/{name}", "w", encoding="ascii") as file:
                file.write(text)
            self.refused(name, ref=self.ref, dis=f"{self.root}/{name}")

    def test_models_by_path(self):
        registry = subprocess.run([TOOL, "-r", self.ref, "-d", self.dis, "--json", "--device", "cpu"], check=True,
                                  capture_output=True)
        self.assertIn("tiny_model", json.loads(registry.stdout))
        models = os.path.join(os.path.dirname(TOOL), "..", "share", "vkvmaf", "models")
        good = {"ref": self.ref, "dis": self.dis}
        report, is_error = self.call(**good, tiny_model=f"{models}/vmaf_tiny_v3.onnx")
        self.assertFalse(is_error, report)
        for path in (self.outside, "/etc/passwd", "absent.onnx", "./vmaf_tiny_v3.onnx"):
            self.refused("^tiny_model is no file below", **good, tiny_model=path)
        with open(f"{self.root}/bad.onnx", "wb") as file:
            file.write(b"\xff" * 50)
        self.refused("bad.onnx", **good, tiny_model=f"{self.root}/bad.onnx")

    def test_models_outside_their_folder(self):
        """VMAF_TINY_MODEL_DIR counts besides the server's folders, for all files of a network."""
        models = os.path.join(os.path.dirname(TOOL), "..", "share", "vkvmaf", "models")
        for name in ("inside", "inside2"):
            shutil.copytree(models, f"{self.root}/{name}")
        jail = {"VMAF_TINY_MODEL_DIR": f"{self.root}/inside"}
        words = f"lies outside of '{self.root}/inside', where models are confined to$"

        def call(model, **environment):
            return self.call({"environment": {**jail, **environment}}, ref=self.ref, dis=self.dis, tiny_model=model)

        def refused(model, pattern=words, **environment):
            report, is_error = call(model, **environment)
            self.assertTrue(is_error, model)
            self.assertRegex(report["error"], pattern)

        def taken(model, **environment):
            report, is_error = call(model, **environment)
            self.assertFalse(is_error, report)
            self.assertEqual(report["tiny_model"]["file"], "vmaf_tiny_v4.int8.onnx")

        inside, outside = "videos/inside/vmaf_tiny_v4.onnx", "videos/inside2/vmaf_tiny_v4.onnx"
        folders = {"VKVMAF_MODELS": f"{self.root}/inside"}
        taken(inside)
        taken("videos/inside2/../inside/vmaf_tiny_v4.onnx")
        taken("vmaf_tiny_v4", **folders)
        os.symlink("../inside2/vmaf_tiny_v4.onnx", f"{self.root}/inside/link.onnx")
        for model in (outside, "videos/inside/../inside2/vmaf_tiny_v4.onnx", "videos/inside/link.onnx"):
            refused(model)
        refused("vmaf_tiny_v4", VKVMAF_MODELS=f"{self.root}/inside2")
        refused("vmaf_tiny_v4")     # the models that are installed
        refused("/etc/passwd.onnx", "^tiny_model is no file below")
        for name in ("registry.json", "vmaf_tiny_v4.json", "vmaf_tiny_v4.int8.onnx", "vmaf_tiny_v4.onnx"):
            os.rename(f"{self.root}/inside/{name}", f"{self.folder}/kept")
            os.symlink(f"../inside2/{name}", f"{self.root}/inside/{name}")
            refused(inside)
            refused("vmaf_tiny_v4", **folders)
            os.rename(f"{self.folder}/kept", f"{self.root}/inside/{name}")
        taken(inside)

    def test_models_of_libvmaf(self):
        good = {"ref": self.ref, "dis": self.dis}
        for model in ("path=/etc/passwd", f"name=x:path={self.outside}", "path=", f"path={self.ref}:path=/etc/passwd"):
            self.refused("^model is no file below", **good, model=model)
        self.refused("there is no vmaf_v9.json", **good, model="vmaf_v9")
        self.refused("there is no vmaf_v9.json", **good, model="version=vmaf_v9:name=a")
        self.refused("--model", **good, model="version=../videos/x")
        self.refused("ref.y4m", **good, model=f"path={self.ref}")
        if not os.path.isdir(f"{SHARED}/reference-models"):
            self.skipTest("no models of libvmaf beside the checkout")
        shutil.copy(f"{SHARED}/reference-models/vmaf_v0.6.1.json", self.root)
        by_path, is_error = self.call(**good, model="path=videos/vmaf_v0.6.1.json:name=a")
        self.assertFalse(is_error, by_path)
        by_name, is_error = self.call({"environment": {"VKVMAF_LIBVMAF_MODELS": f"{SHARED}/reference-models"}}, **good,
                                      model="vmaf_v0.6.1")
        self.assertFalse(is_error, by_name)
        self.assertNotIn("tiny_model", by_name)
        self.assertEqual(by_path["pooled_metrics"]["a"], by_name["pooled_metrics"]["vmaf"])

    def test_views(self):
        """Models of another kind stand in under the names of v1's."""
        good = {"ref": self.ref, "dis": self.dis}
        self.refused("1080p, 2160p, phone or tv was expected", **good, view="4k")
        self.refused("on or off was expected", **good, view="tv", hfr="auto")
        self.refused("view must be a string", **good, view=1080)
        self.refused("--hfr without --view", **good, hfr="on")
        self.refused("--view and --model", **good, view="tv", model="vmaf_v0.6.1")
        self.refused("--view and options of tiny models", **good, view="tv", tiny_model="none")
        self.refused("1080p or 2160p was expected", **good, scale_to="720p")
        report, is_error = self.call(**good, scale_to=f"{W}x{H}")
        self.assertFalse(is_error, report)
        if not os.path.isdir(f"{SHARED}/reference-models"):
            self.skipTest("no models of libvmaf beside the checkout")
        for name in ("3d0h_2160", "hfr_3d0h_2160"):
            shutil.copy(f"{SHARED}/reference-models/vmaf_v0.6.1.json", f"{self.folder}/vmaf_v1.0.16_{name}.json")
        # Options of the server about tiny models are for calls without a view.
        server = {"environment": {"VKVMAF_LIBVMAF_MODELS": self.folder},
                  "arguments": ["--root", self.root, "--device", "cpu", "--tiny-quant", "fp32"]}
        for options, says in (({}, "3d0h_2160 (25 frames per second)"), ({"hfr": "on"}, "hfr_3d0h_2160 (--hfr on)"),
                              ({"hfr": "off"}, "3d0h_2160 (--hfr off)")):
            report, is_error = self.call(server, **good, view="tv", **options)
            self.assertFalse(is_error, report)
            self.assertEqual(report["notes"][0], f"view tv: scored by vmaf_v1.0.16_{says}")
            self.assertIn("which --scale-to 2160p fills", report["notes"][1])
            self.assertIn("vmaf", report["pooled_metrics"])
            self.assertNotIn("tiny_model", report)

    def test_broken_videos(self):
        for data, pattern in ((y4m(5)[:-1], "bad.y4m"), (b"", "bad.y4m"), (b"YUV4MPEG2 W0\n", "bad.y4m")):
            with open(f"{self.root}/bad.y4m", "wb") as file:
                file.write(data)
            self.refused(pattern, ref=self.ref, dis=f"{self.root}/bad.y4m")
        name = f"{self.root}/\udcff\n.y4m"
        with open(name, "wb") as file:
            file.write(b"?")
        line = json.dumps(request("tools/call", {"name": "vmaf_score", "arguments": {"ref": name, "dis": self.dis}}),
                          ensure_ascii=False).encode("utf-8", "surrogateescape")
        answer, = self.ask(line)
        self.assertTrue(answer["result"]["isError"])

    def test_several_calls(self):
        call = request("tools/call", {"name": "vmaf_score", "arguments": {"ref": self.ref, "dis": self.dis}})
        bad = request("tools/call", {"name": "vmaf_score", "arguments": {"ref": self.ref, "dis": "none"}})
        answers = self.ask(call, bad, call)
        self.assertEqual([a["result"]["isError"] for a in answers], [False, True, False])

    def test_command_line(self):
        for arguments, pattern in (([], b"no folder that videos may be read from"),
                                   (["--root", "absent"], b"absent"), (["--root", ""], b"--root is empty"),
                                   (["--root"], b"needs a value"), (["-r", "x"], b'does not belong to "vkvmaf mcp"')):
            done = self.run_server(b"", arguments)
            self.assertNotEqual(done.returncode, 0)
            self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
            self.assertIn(pattern, done.stderr)
            self.assertEqual(done.stdout, b"")

    def test_nobody_listens(self):
        with subprocess.Popen([TOOL, "mcp", "--root", self.root], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as server:
            server.stdout.close()
            out = server.communicate((json.dumps(request("ping")) + "\n").encode() * 3, timeout=LIMIT)[1]
        self.assertEqual(server.returncode, 1)
        self.assertIn(b"standard output cannot be written", out)


if __name__ == "__main__":
    unittest.main(verbosity=2)
