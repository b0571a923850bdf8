const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Whether a text of an address can be the id of something of ours; anything else is the id of nothing. */
export const isUuid = (text: string): boolean => UUID.test(text)
