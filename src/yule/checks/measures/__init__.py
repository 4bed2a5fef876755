"""What checks measure: numbers out of arrays, without any judgement."""
