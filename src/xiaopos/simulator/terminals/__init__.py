"""Pretend terminals (模拟终端): the device's own software on a real TCP line, with a page for people and faults on command.

What may live here: files for its memory, the line, faults, the page beside the cashier's. What may not: what a terminal
knows and decides (terminal), anything the product needs in order to take money.
"""

from xiaopos.simulator.terminals.deck import DECK, DeckCard, deck_card
from xiaopos.simulator.terminals.faults import Fault
from xiaopos.simulator.terminals.files import FileMemory, open_device, read_components
from xiaopos.simulator.terminals.line import Line
from xiaopos.simulator.terminals.pages import PageSettings, TerminalServer
from xiaopos.simulator.terminals.playing import PowerCut, PretendTerminal, Result, result_json

__all__ = [
    "DECK",
    "DeckCard",
    "Fault",
    "FileMemory",
    "Line",
    "PageSettings",
    "PowerCut",
    "PretendTerminal",
    "Result",
    "TerminalServer",
    "deck_card",
    "open_device",
    "read_components",
    "result_json",
]
