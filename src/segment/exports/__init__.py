"""Files that HR receives: report, workbook, one-pagers, cards and the manifest beside them."""
