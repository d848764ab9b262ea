"""Champion against challenger: what each says, what would change for people, and what a reviewer decides on."""
