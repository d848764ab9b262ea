"""The rules raw data must keep, each with a stable code, how much it matters and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from segment.vocabulary import Severity

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


@dataclass(frozen=True)
class Rule:
    """One rule: its code, severity, a short name, what it means, and the advice when it is broken."""

    code: str
    severity: Severity
    title: str
    meaning: str
    advice: str


_TABLE: tuple[tuple[str, Severity, str, str, str], ...] = (
    # the file
    ("DQ001", _ERROR, "file not found", "A source of the study does not exist.",
     "correct 'file' in the study file, or put the export there"),
    ("DQ002", _ERROR, "file cannot be read", "The file is damaged, locked or not what its ending says.",
     "export it again, without a password, and check the ending and the sheet's name"),
    ("DQ003", _ERROR, "wrong delimiter", "The declared delimiter does not separate this file's columns.",
     "declare the right 'delimiter' in the study file"),
    ("DQ004", _ERROR, "wrong encoding", "The file's text is not in the declared encoding.",
     "declare the right 'encoding' in the study file (often utf-8 or cp1252), or export as UTF-8"),
    ("DQ005", _ERROR, "file is cut off", "The file ends in the middle of a row, a quoted text or its footer.",
     "export or copy the file again; part of it is missing"),
    ("DQ006", _ERROR, "rows with another number of fields", "Some rows have more or fewer fields than the header.",
     "look for a delimiter inside an unquoted text; export with quotes"),
    ("DQ007", _ERROR, "header repeats or lacks a name", "Two columns share a name, or a column has none.",
     "give every column its own name in the export"),
    ("DQ008", _ERROR, "no rows", "The file has no rows, or 'keep' leaves none.",
     "check the export, or the rows that 'keep' asks for"),
    # columns
    ("DQ009", _ERROR, "column is missing", "A column that the study needs or names is not in the file.",
     "correct the name under 'columns' or 'attributes', or add the column to the export"),
    ("DQ010", _ERROR, "column is not declared", "Only declared columns are taken in.",
     "declare it under 'columns' or 'attributes' with a purpose, or name it under 'ignore' with the reason"),
    ("DQ011", _ERROR, "declaration names something unknown", "The study file speaks of a name that no table has.",
     "correct the name in the study file"),
    ("DQ012", _ERROR, "column may not be taken in", "Names, addresses, numbers of persons and the like stay outside.",
     "move it to 'ignore' with the reason, and take it out of the export if you can"),
    ("DQ013", _ERROR, "values identify people",
     "Values look like e-mail addresses, phone, bank or citizen service numbers.",
     "move the column to 'ignore', and take it out of the export if you can"),
    ("DQ014", _ERROR, "protected attribute with another purpose",
     "Protected attributes serve the audit of fairness only.",
     "give it purpose 'audit', or move it to 'ignore'"),
    ("DQ015", _WARNING, "attribute is nearly unique",
     "Nearly everyone has a value of their own, so it identifies people.",
     "group its values, or move it to 'ignore'"),
    # people
    ("DQ016", _ERROR, "no identifier", "A row without an identifier belongs to nobody.",
     "fill in the identifier, or leave the row out of the export"),
    ("DQ017", _ERROR, "person occurs twice", "The same person and start of employment stand on more than one row.",
     "keep one row per person and spell, or map 'snapshot_date' when these are snapshots"),
    ("DQ018", _ERROR, "snapshot contradicts itself", "The same person and snapshot date carry different attributes.",
     "keep one row per person and snapshot date"),
    ("DQ019", _WARNING, "snapshot is repeated",
     "The same person and snapshot date stand twice and agree; they were joined.",
     "nothing, if you expected it"),
    ("DQ020", _ERROR, "person answers twice in one wave", "One person has more than one row in the same wave.",
     "keep one row per person and wave"),
    ("DQ021", _ERROR, "ambiguous date", "Day and month can be read in either order.",
     "declare 'date_format', such as %d-%m-%Y, or export dates as 2025-04-03"),
    ("DQ022", _ERROR, "not a date", "A value is not a date, or not in the declared format.",
     "correct the export or 'date_format'; values that mean 'not known' belong under 'missing'"),
    ("DQ023", _ERROR, "placeholder date", "A date no one started or left on, such as 1900-01-01 or 9999-12-31.",
     "name the placeholder under 'missing'"),
    ("DQ024", _WARNING, "date after the observation window", "What happens after the window is not seen.",
     "check 'outcome.window' and the date of the export"),
    ("DQ025", _ERROR, "end before start", "Employment ends before it starts.",
     "correct the dates in the export"),
    ("DQ026", _ERROR, "overlapping spells", "A person's spells overlap in time.",
     "join them, or correct the dates in the export"),
    ("DQ027", _ERROR, "snapshots disagree", "Snapshots of one spell give different end dates or reasons.",
     "correct the export; the last one filled in would have been used"),
    ("DQ028", _ERROR, "reason without end", "A spell has a reason for ending and no end date.",
     "fill in the end date, or map the reason to an empty value"),
    ("DQ029", _WARNING, "end without reason", "A spell ended and nobody wrote why.",
     "fill in the reason where it is known; it counts as an unknown cause"),
    ("DQ030", _ERROR, "unknown category", "A value is not one of those the study declares.",
     "translate it under 'values', or correct the export"),
    ("DQ031", _ERROR, "not a number", "A value in a column of numbers is not a number.",
     "check 'decimal'; texts that mean 'not known' belong under 'missing' or 'unanswered'"),
    # answers
    ("DQ032", _ERROR, "answer outside its scale", "An answer lies outside the item's scale in the codebook.",
     "name 'no answer' codes under 'unanswered', or correct the scale in the codebook"),
    ("DQ033", _ERROR, "answer between two points", "The scale has whole points only.",
     "export single answers, not means"),
    ("DQ034", _ERROR, "weight is not positive", "Every row needs a weight above zero.",
     "correct the weights, or leave 'weight' out"),
    ("DQ035", _NOTE, "items not asked", "Items of the codebook that this wave did not ask.",
     "nothing, if the wave did not ask them"),
    ("DQ036", _WARNING, "nobody answered", "All answers to an item are missing.",
     "check the item's column and the codes under 'unanswered'"),
    ("DQ037", _NOTE, "everyone gave the same answer", "An item without differences tells nothing about segments.",
     "nothing, if you expected it"),
    ("DQ038", _NOTE, "open text left out", "Open answers can name people, so they are not taken in.",
     "nothing; read open answers outside this study"),
    ("DQ039", _WARNING, "answers of people who are not in the HR export",
     "Some respondents are unknown to the HR export.",
     "check the date of the HR export and leading zeros in the identifiers"),
    ("DQ040", _WARNING, "ranking or picks contradict themselves",
     "A rank is given twice, or more is picked than allowed.",
     "check the survey's settings; these answers are used as they are"),
    ("DQ041", _ERROR, "outcome cannot be read", "A value of the outcome is none of those declared.",
     "complete 'outcome.yes', 'outcome.no' or 'outcome.causes'"),
    ("DQ042", _ERROR, "row occurs twice", "A need, role or unit stands on more than one row.",
     "keep one row each"),
    ("DQ043", _ERROR, "impossible tenure", "Tenure is negative, or observation began after it ended.",
     "correct tenure and entry in the export; both are in months"),
    ("DQ044", _WARNING, "attribute carries nothing", "An attribute is empty, or the same for everyone.",
     "check the column; otherwise leave it out"),
    ("DQ045", _ERROR, "identifiers damaged by a spreadsheet",
     "Identifiers stand in scientific notation, so digits are lost.",
     "export again with the identifier as text"),
    ("DQ046", _ERROR, "nobody's answers can be joined", "No respondent is in the HR export.",
     "use the same identifier in both exports; look at leading zeros and prefixes"),
    ("DQ047", _NOTE, "earlier results left out", "Units have results of several waves; the last one is used.",
     "nothing, if you expected it"),
    ("DQ048", _WARNING, "end filled in before it happened", "Rows dated before the end already show it.",
     "nothing: end dates are used as outcomes only; never declare such a column as an attribute"),
    ("DQ049", _ERROR, "no start date", "Without a start nobody knows how long somebody was there.",
     "fill in the start date, or give the row another relation, such as candidate"),
    ("DQ050", _ERROR, "outcome used as an attribute", "What is to be predicted may not explain itself.",
     "take the attribute out of the study file"),
)  # fmt: skip

#: Every rule by its code.
RULES: dict[str, Rule] = {row[0]: Rule(*row) for row in _TABLE}
