"""Cases by 13710: clocks, lights, letters, to zero. Their only intake is the alert contract, operators and reports."""
