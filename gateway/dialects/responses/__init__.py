"""OpenAI Responses: requests read into chat calls, chat answers written as responses, and what is kept of both."""
