import FlashbackAPI

/// The rows that an endpoint decodes from a body.
func rows<Asked: Endpoint, Element>(_ endpoint: Asked, _ body: String) throws -> Rows<Element>
where Asked.Answer == Rows<Element> {
    try rows(endpoint, Array(body.utf8))
}

func rows<Asked: Endpoint, Element>(_ endpoint: Asked, _ body: [UInt8]) throws -> Rows<Element>
where Asked.Answer == Rows<Element> {
    try endpoint.answer(from: AnswerBody(body))
}
