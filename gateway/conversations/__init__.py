"""Conversations: what the gateway keeps of its answers for `previous_response_id`, sealed, with owner and clearance."""
