"""The tools for agents, asked by the SDK's own client over stdio, beside a library that is held by another process."""

from __future__ import annotations

import builtins
import os
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from conftest import WORDS_ALONE, make_declaration
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from test_pages import COSTLY, NETWORK, REPAIRS

from perfkg import mcp as tools
from perfkg.errors import UnavailableService
from perfkg.library import Library

pytestmark = pytest.mark.slow

NAMES = {
    *("search", "compare", "suggest", "review_text", "run_query", "ask"),
    *("describe_schema", "get_indicator", "get_declaration"),
}


def parameters(folder: Path) -> StdioServerParameters:
    environment = os.environ | {"PERFKG_ENCODER": "none"}
    return StdioServerParameters(
        command=sys.executable, args=["-m", "perfkg.cli", "mcp", "--library", str(folder)], env=environment
    )


async def called(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    found = result.structured_content
    assert isinstance(found, dict)
    return found


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return str(getattr(result.content[0], "text", ""))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Library(tmp_path / "library", WORDS_ALONE) as library:
        library.import_declarations([NETWORK, *REPAIRS])
    return tmp_path / "library"


def test_an_agent_is_answered_beside_a_held_library(folder: Path) -> None:
    anyio.run(_conversation, folder)


async def _conversation(folder: Path) -> None:
    with Library(folder, WORDS_ALONE) as holder:
        async with Client(stdio_client(parameters(folder))) as client:
            await _offers(client)
            await _looks_up(client, holder)
            await _advises(client)
            await _queries(client)
            await _follows(client, holder)
            await _refuses(client)
    with Library(folder, WORDS_ALONE) as library:
        assert library.holding


async def _offers(client: Client) -> None:
    listed = (await client.list_tools()).tools
    assert {one.name for one in listed} == NAMES
    for one in listed:
        assert any("一" <= letter <= "鿿" for letter in one.description or "")
        assert one.annotations
        assert one.annotations.read_only_hint
        assert one.output_schema
        assert all("description" in field for field in one.input_schema["properties"].values())


async def _looks_up(client: Client, holder: Library) -> None:
    found = await called(client, "search", question="网络故障处理时间", limit=3)
    assert len(found["hits"]) <= 3
    first = found["hits"][0]
    assert first["name"] == "网络故障处理时间"
    assert found["snapshot"]["change"] == holder.ledger.last_change()
    row = await called(client, "get_indicator", id=first["id"])
    assert (row["value"], row["place"]) == (first["value"], "第1行")
    form = await called(client, "get_declaration", id=first["declaration"])
    assert first["id"] in [one["id"] for one in form["indicators"]]
    assert form["funding"]["total"] == 100000.0


async def _advises(client: Client) -> None:
    [group] = (await called(client, "compare", text="网络故障处理时间"))["groups"]
    assert (group["unit"], len(group["rows"])) == ("h", group["projects"])
    assert (await called(client, "suggest", project="网络维护费", category="时效指标"))["suggestions"]
    [report] = (await called(client, "review_text", text=COSTLY))["reports"]
    assert any("99万元" in one["message"] for one in report["findings"])


async def _queries(client: Client) -> None:
    schema = await called(client, "describe_schema")
    assert "network-maintenance" in [one["name"] for one in schema["queries"]]
    rows = await called(client, "run_query", name="network-maintenance", parameters={"word": "故障"})
    assert rows["total"] == len(rows["rows"]) > 0
    assert len(rows["columns"]) == len(rows["rows"][0])
    assert "万元" in (await called(client, "ask", question="资金最多的项目是哪个？"))["answer"]


async def _follows(client: Client, holder: Library) -> None:
    holder.import_declarations([make_declaration("后来导入的专线", rows=(("产出", "质量", "专线中断次数", "2次"),))])
    later = await called(client, "search", question="专线中断次数")
    assert later["hits"][0]["project"] == "后来导入的专线"


async def _refuses(client: Client) -> None:
    assert "没有这个指标" in await refused(client, "get_indicator", id="nothing")
    assert "没有名为" in await refused(client, "run_query", name="nothing")
    assert "没有参数" in await refused(client, "run_query", name="drift", parameters={"x": "1"})
    assert await refused(client, "search", question="")
    assert "1 到 20" in await refused(client, "search", question="网络", limit=500)
    assert "没有找到绩效目标表" in await refused(client, "review_text", text="随便写的")
    assert await refused(client, "search", question=7)


def test_an_empty_library_is_answered_for(tmp_path: Path) -> None:
    async def ask() -> None:
        async with Client(stdio_client(parameters(tmp_path / "new"))) as client:
            assert (await called(client, "search", question="网络"))["hits"] == []
            assert (await called(client, "describe_schema"))["declarations"] == 0

    anyio.run(ask)


def test_without_the_sdk_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name.startswith("mcp"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(UnavailableService, match=r"perfkg\[mcp\]"):
        tools.serve(tmp_path)
