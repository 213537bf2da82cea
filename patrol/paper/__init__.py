"""What printed things share: a page and its font, sheets of a workbook, texts in two languages."""
