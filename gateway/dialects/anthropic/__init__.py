"""Anthropic's Messages API, told and answered in chat.

https://platform.claude.com/docs/en/api/messages — what is carried, what is not, and why, is in docs/dialects.md.
"""
