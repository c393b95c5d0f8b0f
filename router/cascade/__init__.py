"""The cascade: looks at a small model's answer and says whether it will do."""
