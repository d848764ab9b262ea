"""What a watch over a decided model looks at: answers, groups, response, and exits beside those expected."""
