"""What users feel, side by side with what they would use instead."""
