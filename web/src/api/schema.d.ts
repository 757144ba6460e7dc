// Made by tools/openapi from the server's description. Not edited by hand.

export interface paths {
    "/api/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_projects"];
        put?: never;
        post: operations["post_project"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_project"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch: operations["patch_project"];
        trace?: never;
    };
    "/api/projects/{project}/claims": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_claims"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/instructions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_instructions"];
        put: operations["put_instructions"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/ontology": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_ontology"];
        put: operations["put_ontology"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/projects/{project}/queue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_queue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_session"];
        put?: never;
        post: operations["post_session"];
        delete: operations["delete_session"];
        options?: never;
        head?: never;
        patch: operations["patch_session"];
        trace?: never;
    };
    "/api/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_setup"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/setup/claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_claim"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slots/{slot}/adjudication": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: operations["put_adjudication"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slots/{slot}/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: operations["put_answer"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slots/{slot}/draft": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: operations["put_draft"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slots/{slot}/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_heartbeat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slots/{slot}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_release"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slots/{slot}/review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: operations["put_review"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/slots/{slot}/skip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["post_skip"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/templates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_templates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AdjudicationRequest: {
            /** Format: int64 */
            active_ms?: number;
            answer: Record<string, never>;
            /** @description The answer that this one began with. */
            chosen?: string | null;
            claim_next?: number;
            /** Format: int64 */
            fence: number;
            holding?: string[];
            reason?: string | null;
            submission: string;
        };
        AnswerRequest: {
            /**
             * Format: int64
             * @description Time spent at work on it.
             */
            active_ms?: number;
            answer: Record<string, never>;
            /** @description How many slots to take next, 0 to 10. */
            claim_next?: number;
            /** Format: int64 */
            fence: number;
            /** @description Slots that the caller knows to hold. */
            holding?: string[];
            /** Format: int64 */
            instructions_version?: number | null;
            /**
             * Format: int64
             * @description The versions that the contributor had before them; the newest, unless told.
             */
            ontology_version?: number | null;
            /** @description Chosen by the browser and kept by it until the server has replied: the key of a safe repeat. */
            submission: string;
        };
        Claim: {
            email: string;
            name: string;
            /** @description The name of the first organization. */
            organization: string;
            password: string;
            /** @description Printed by the first start of the server, once. */
            token: string;
        };
        ClaimRequest: {
            count?: number;
            /**
             * @description Slots that the caller knows to hold: other slots in their hands are given first, so that a
             *     repeated call gives the same ones.
             */
            holding?: string[];
            /** @description `label` (own rework comes first), `review` or `adjudicate`. */
            stage: string;
        };
        Claims: {
            claims: components["schemas"]["Claim"][];
            /**
             * Format: int64
             * @description How many more wait, up to 1,000.
             */
            waiting: number;
        };
        ClauseBody: {
            id: string;
            title: string;
        };
        CountsBody: {
            /** Format: int64 */
            answers: number;
            /** Format: int64 */
            canceled: number;
            /** Format: int64 */
            done: number;
            /** Format: int64 */
            error: number;
            /** Format: int64 */
            in_progress: number;
            /** Format: int64 */
            in_review: number;
            /** Format: int64 */
            queued: number;
            /** Format: int64 */
            tasks: number;
            /** Format: int64 */
            wanted: number;
        };
        DraftBody: {
            answer: Record<string, never>;
            device: string;
            saved_at: components["schemas"]["Time"];
            /** Format: int64 */
            seq: number;
        };
        DraftRequest: {
            /** @description Unfinished, and therefore unchecked. */
            answer: Record<string, never>;
            /** @description Which browser this is, in its own words. */
            device: string;
            /** Format: int64 */
            fence: number;
            /**
             * Format: int64
             * @description Rises with every draft of this device: a late one does not overwrite a later one.
             */
            seq: number;
        };
        /** @description What every error looks like (H1). */
        Failure: {
            error: components["schemas"]["FailureBody"];
        };
        FailureBody: {
            /** @description Stable: a program may rely on it. */
            code: string;
            /** @description What the caller needs to go on. */
            details?: unknown;
            /** @description A sentence for a person. */
            message: string;
            /** @description Everything that is wrong with the content, each with its place. */
            problems?: components["schemas"]["FailureProblem"][] | null;
            /** @description The name of this request in our log. */
            request?: string | null;
        };
        FailureProblem: {
            code: string;
            message: string;
            path: string;
        };
        Fenced: {
            /** Format: int64 */
            fence: number;
        };
        InstructionsBody: {
            /** @description The headings, which a rejection names. */
            clauses: components["schemas"]["ClauseBody"][];
            created_at: components["schemas"]["Time"];
            created_by: string;
            markdown: string;
            /** Format: int64 */
            version: number;
        };
        /** @description An item on the wire. */
        ItemBody: {
            /** Format: int64 */
            bytes: number;
            created_at: components["schemas"]["Time"];
            external_id: string;
            /** Format: int64 */
            height?: number | null;
            id: string;
            /** @description `image` or `text`. */
            media: string;
            metadata: Record<string, never>;
            name: string;
            picture?: components["schemas"]["PictureBody"] | null;
            project: string;
            task: string;
            text?: string | null;
            /** Format: int64 */
            width?: number | null;
        };
        LevelBody: {
            /** Format: int64 */
            height: number;
            /** Format: int64 */
            level: number;
            /** Format: int64 */
            width: number;
        };
        Login: {
            email: string;
            password: string;
        };
        MembershipBody: {
            id: string;
            name: string;
            role: string;
        };
        MoveSession: {
            /** @description Where to go to work. */
            organization: string;
        };
        NewInstructions: {
            /** Format: int64 */
            base: number;
            markdown: string;
        };
        NewOntology: {
            /** Format: int64 */
            base: number;
            ontology: Record<string, never>;
        };
        NewProject: {
            name: string;
            /** @description Instead of the template's own. */
            ontology?: Record<string, never> | null;
            plan?: Record<string, never> | null;
            template: string;
        };
        OntologyBody: {
            created_at: components["schemas"]["Time"];
            created_by: string;
            ontology: Record<string, never>;
            /** Format: int64 */
            version: number;
        };
        OrganizationBody: {
            id: string;
            name: string;
        };
        /** @description A page of a list (H2). */
        Page_ProjectBody: {
            items: {
                /**
                 * Format: int64
                 * @description How many slots wait for the caller, up to 1,000; only where it is asked for.
                 */
                available?: number | null;
                counts: components["schemas"]["CountsBody"];
                created_at: components["schemas"]["Time"];
                id: string;
                /** Format: int64 */
                instructions_version: number;
                mode: string;
                name: string;
                /** Format: int64 */
                ontology_version: number;
                plan: Record<string, never>;
                question: Record<string, never>;
                /** @description `draft`, `published`, `paused` or `archived`. */
                state: string;
                template: string;
                /**
                 * Format: int64
                 * @description What an edit names as its `base` (H4).
                 */
                version: number;
            }[];
            next_cursor?: string | null;
        };
        /** @description A page of a list (H2). */
        Page_TemplateBody: {
            items: {
                description: string;
                name: string;
                ontology: Record<string, never>;
                question: Record<string, never>;
                template: string;
            }[];
            next_cursor?: string | null;
        };
        PersonBody: {
            email: string;
            id: string;
            name: string;
            operator: boolean;
        };
        /** @description Where the parts of a picture are. Level 0 is the full size; each next is half of it. */
        PictureBody: {
            /** @description Only where the picture is small enough to be shown whole. */
            full_url?: string | null;
            levels: components["schemas"]["LevelBody"][];
            preview_url: string;
            thumb_url: string;
            /** Format: int64 */
            tile_size: number;
            /** @description With `{level}`, `{col}` and `{row}` to be filled in. */
            tile_url: string;
        };
        /** @description A project on the wire. */
        ProjectBody: {
            /**
             * Format: int64
             * @description How many slots wait for the caller, up to 1,000; only where it is asked for.
             */
            available?: number | null;
            counts: components["schemas"]["CountsBody"];
            created_at: components["schemas"]["Time"];
            id: string;
            /** Format: int64 */
            instructions_version: number;
            mode: string;
            name: string;
            /** Format: int64 */
            ontology_version: number;
            plan: Record<string, never>;
            question: Record<string, never>;
            /** @description `draft`, `published`, `paused` or `archived`. */
            state: string;
            template: string;
            /**
             * Format: int64
             * @description What an edit names as its `base` (H4).
             */
            version: number;
        };
        ProjectChange: {
            /**
             * Format: int64
             * @description The version that this edits (H4).
             */
            base: number;
            name?: string | null;
            plan?: Record<string, never> | null;
            state?: string | null;
        };
        /** @description How much waits for the caller. */
        QueueBody: {
            /** Format: int64 */
            adjudicate: number;
            /** Format: int64 */
            label: number;
            /** Format: int64 */
            review: number;
            /** Format: int64 */
            rework: number;
        };
        /** @description What the server has received, and made durable. */
        Receipt: {
            /** @description The next slots, where they were asked for. */
            claims: components["schemas"]["Claim"][];
            /** @description Always true: a receipt is sent when the answer is on the disk. */
            durable: boolean;
            received_at: components["schemas"]["Time"];
            slot: string;
            submission: string;
            task: string;
            task_state: string;
        };
        Renewed: {
            until: components["schemas"]["Time"];
        };
        ReviewRequest: {
            /** Format: int64 */
            active_ms?: number;
            /** @description Of a fix: the answer as it should be. */
            answer?: Record<string, never> | null;
            claim_next?: number;
            /** @description Of a rejection: the clause of the instructions that the answer breaks. */
            clause?: string | null;
            /** Format: int64 */
            fence: number;
            holding?: string[];
            /** @description Of a rejection: what to do better. */
            reason?: string | null;
            submission: string;
            /** @description `accept`, `fix` or `reject`. */
            verdict: string;
        };
        Saved: {
            saved_at: components["schemas"]["Time"];
        };
        /** @description Who is signed in, and where they work. */
        SessionBody: {
            expires_at: components["schemas"]["Time"];
            organization?: components["schemas"]["OrganizationBody"] | null;
            organizations: components["schemas"]["MembershipBody"][];
            person: components["schemas"]["PersonBody"];
            role?: string | null;
        };
        /** @description The state of the installation, as anybody may know it. */
        Setup: {
            claimed: boolean;
            sign_up_open: boolean;
            version: string;
        };
        /** @enum {string} */
        SkipReason: "unclear" | "broken" | "not_allowed" | "too_hard" | "other";
        SkipRequest: {
            /** Format: int64 */
            fence: number;
            /** @description `unclear`, `broken`, `not_allowed`, `too_hard` or `other`. */
            reason: components["schemas"]["SkipReason"];
            text?: string | null;
        };
        TemplateBody: {
            description: string;
            name: string;
            ontology: Record<string, never>;
            question: Record<string, never>;
            template: string;
        };
        /**
         * Format: date-time
         * @description A moment on the wire: UTC, ISO 8601, milliseconds.
         */
        Time: string;
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    get_projects: {
        parameters: {
            query?: {
                /** @description Where to go on: `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many at most, 1 to 200. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ProjectBody"];
                };
            };
        };
    };
    post_project: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewProject"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectBody"];
                };
            };
        };
    };
    get_project: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectBody"];
                };
            };
        };
    };
    patch_project: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectBody"];
                };
            };
        };
    };
    post_claims: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClaimRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Claims"];
                };
            };
        };
    };
    get_instructions: {
        parameters: {
            query?: {
                /** @description The newest, unless asked otherwise. */
                version?: number;
            };
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InstructionsBody"];
                };
            };
        };
    };
    put_instructions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewInstructions"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InstructionsBody"];
                };
            };
        };
    };
    get_ontology: {
        parameters: {
            query?: {
                /** @description The newest, unless asked otherwise. */
                version?: number;
            };
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OntologyBody"];
                };
            };
        };
    };
    put_ontology: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewOntology"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OntologyBody"];
                };
            };
        };
    };
    get_queue: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                project: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueueBody"];
                };
            };
        };
    };
    get_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionBody"];
                };
            };
        };
    };
    post_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Login"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionBody"];
                };
            };
        };
    };
    delete_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    patch_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MoveSession"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionBody"];
                };
            };
        };
    };
    get_setup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Setup"];
                };
            };
        };
    };
    post_claim: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Claim"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionBody"];
                };
            };
        };
    };
    put_adjudication: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slot: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AdjudicationRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"];
                };
            };
        };
    };
    put_answer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slot: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AnswerRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"];
                };
            };
        };
    };
    put_draft: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slot: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DraftRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Saved"];
                };
            };
        };
    };
    post_heartbeat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slot: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Fenced"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Renewed"];
                };
            };
        };
    };
    post_release: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slot: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Fenced"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    put_review: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slot: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReviewRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"];
                };
            };
        };
    };
    post_skip: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slot: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SkipRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    get_templates: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TemplateBody"];
                };
            };
        };
    };
}
