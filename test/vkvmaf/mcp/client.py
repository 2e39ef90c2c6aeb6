"""vkvmaf mcp with a client that others wrote: the package mcp.

usage: client.py TOOL"""
import asyncio
import json
import os
import sys
import tempfile

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

W, H = 48, 40


def write_video(path, seed):
    with open(path, "wb") as file:
        file.write(f"YUV4MPEG2 W{W} H{H} F25:1 Cmono\n".encode())
        for t in range(3):
            file.write(b"FRAME\n" + bytes((65 + (i * (7 + t) + seed * (i // W)) % 50) for i in range(W * H)))


def plain(result):
    """As on the wire, whatever the package calls its fields."""
    return result.model_dump(by_alias=True, exclude_none=True)


async def talk(tool, folder):
    server = StdioServerParameters(command=tool, args=["mcp", "--root", folder, "--device", "cpu"],
                                   env=dict(os.environ))
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        hello = plain(await session.initialize())
        assert hello["serverInfo"]["name"] == "vkvmaf", hello
        print("protocol", hello["protocolVersion"])
        await session.send_ping()
        tools = plain(await session.list_tools())["tools"]
        assert [tool["name"] for tool in tools] == ["vmaf_score"], tools

        arguments = {"ref": f"{folder}/ref.y4m", "dis": f"{folder}/dis.y4m", "width": W, "height": H, "bitdepth": 8,
                     "tiny_model": "vmaf_tiny_v4"}
        result = plain(await session.call_tool("vmaf_score", arguments))
        assert not result["isError"], result
        report = json.loads(result["content"][0]["text"])
        assert report["tiny_model"]["name"] == "vmaf_tiny_v4" and len(report["frames"]) == 3, report
        assert 0 < report["pooled_metrics"]["integer_adm2"]["mean"] < 1, report

        result = plain(await session.call_tool("vmaf_score", {**arguments, "ref": "/etc/passwd"}))
        assert result["isError"] and "may read" in json.loads(result["content"][0]["text"])["error"], result
        try:
            await session.call_tool("another_tool", {})
        except Exception as error:                       # pylint: disable=broad-except
            assert "no such tool" in str(error), error
        else:
            raise AssertionError("an unknown tool was called")
    print("ok")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        write_video(f"{name}/ref.y4m", 5)
        write_video(f"{name}/dis.y4m", 6)
        asyncio.run(talk(os.path.abspath(sys.argv[1]), name))
