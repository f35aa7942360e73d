"""The rules of a service, as commands read them."""

RULES = """
service = "Permit"
act = "Rule 1"
calendar = "ru"
[[terms]]
name = "decision"
amount = 3
unit = "working_days"
ends = ["Decide"]
"""
