"""Survey tools that are known by the columns they note beside the answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping

#: Tool -> the columns it writes of its own accord; none of them is an answer.
OWN_COLUMNS: Mapping[str, frozenset[str]] = {
    "Qualtrics": frozenset({
        "StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished", "RecordedDate",
        "ResponseId", "RecipientLastName", "RecipientFirstName", "RecipientEmail", "ExternalReference",
        "LocationLatitude", "LocationLongitude", "DistributionChannel", "UserLanguage", "Browser", "Version",
        "Operating System", "Resolution",
    }),
    "LimeSurvey": frozenset({
        "id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp", "token", "ipaddr", "refurl",
        "interviewtime",
    }),
    "Google Forms": frozenset({"Timestamp", "Tijdstempel", "Email Address", "E-mailadres", "Score"}),
    "Microsoft Forms": frozenset({
        "ID", "Id", "Start time", "Completion time", "Email", "Name", "Last modified time", "Begintijd", "Starttijd",
        "Tijd van voltooien", "Tijd van voltooiing", "E-mail", "Naam", "Tijd van laatste wijziging",
    }),
}  # fmt: skip
#: Tool -> columns in which it counts the answers of one survey: the same number is somebody else in the next one.
COUNTED: Mapping[str, frozenset[str]] = {
    "LimeSurvey": frozenset({"id"}), "Microsoft Forms": frozenset({"ID", "Id"}),
}  # fmt: skip
#: Names of a tool's own columns from which it is known.
_FEWEST = 4


def tool_of(names: Collection[str]) -> str:
    """The tool that made a table, by columns that only it writes; nothing if none is known.

    >>> tool_of(["Timestamp", "How are you?"]), tool_of(["Id", "Begintijd", "Tijd van voltooien", "E-mail", "Blij?"])
    ('Google Forms', 'Microsoft Forms')
    """
    there = set(names)
    if len(there & OWN_COLUMNS["Qualtrics"]) >= _FEWEST:
        return "Qualtrics"
    if len(there & OWN_COLUMNS["LimeSurvey"]) >= _FEWEST and "submitdate" in there:
        return "LimeSurvey"
    if there & COUNTED["Microsoft Forms"] and len(there & OWN_COLUMNS["Microsoft Forms"]) >= _FEWEST:
        return "Microsoft Forms"
    return "Google Forms" if next(iter(names), "") in ("Timestamp", "Tijdstempel") else ""
